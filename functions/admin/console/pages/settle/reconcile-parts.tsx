import { useMemo, useState } from 'preact/hooks';
import { groupedText } from '../../core/amounts.ts';
import { to } from '../../core/routing.ts';
import { Id, Money, Section, Text } from '../../parts/basics.tsx';
import { type Column, Table } from '../../parts/data-table.tsx';
import { ClickLink } from '../../parts/name.tsx';

const kinds = {
  only_theirs: 'Only theirs',
  only_ours: 'Only ours',
  other_amount: 'Other amount',
  other_status: 'Other status',
  agreed: 'Agreed',
} as const;
type Kind = keyof typeof kinds;
const kindNames = ['only_theirs', 'only_ours', 'other_amount', 'other_status', 'agreed'] as const satisfies readonly Kind[];

interface Finding {
  readonly finding: Kind;
  readonly row: number | null;
  readonly transaction_id: string | null;
  readonly click_id: string | null;
  readonly their_status: string | null;
  readonly their_amount: string | null;
  readonly their_currency: string | null;
  readonly our_status: string | null;
  readonly our_amount: string | null;
  readonly our_currency: string | null;
  readonly code: string | null;
  readonly why: string;
  readonly log_id: string | null;
  readonly conversion_id: string | null;
  readonly near_edge: boolean;
}

interface Total {
  readonly currency: string;
  readonly theirs: string;
  readonly ours: string;
  readonly difference: string;
}

export type Reconciliation = Readonly<Record<Kind, readonly Finding[]>> & {
  readonly counts: Readonly<Record<Kind, number>>;
  readonly totals: readonly Total[];
  readonly importable: readonly unknown[];
  readonly imported: readonly unknown[] | null;
};

const totalColumns: readonly Column<Total>[] = [
  { title: 'Currency', cell: ({ currency }) => currency },
  { title: 'Theirs', align: 'end', cell: ({ theirs, currency }) => <Money of={theirs} currency={currency} /> },
  { title: 'Ours', align: 'end', cell: ({ ours, currency }) => <Money of={ours} currency={currency} /> },
  { title: 'Difference', align: 'end', cell: ({ difference, currency }) => <Money of={difference} currency={currency} /> },
];

export function Totals({ totals }: Pick<Reconciliation, 'totals'>) {
  if (totals.length === 0) return null;
  return (
    <Section title="Totals" about="For all compared rows.">
      <Table label="totals" columns={totalColumns} keyOf={({ currency }) => currency} pages={[totals]} />
    </Section>
  );
}

const columns: readonly Column<Finding>[] = [
  { title: 'Row', align: 'end', cell: ({ row }) => row ?? <Text of={null} /> },
  { title: 'Difference', cell: ({ finding }) => <span class={`badge ${finding === 'agreed' ? 'good' : 'warn'}`}>{kinds[finding]}</span> },
  {
    title: 'Transaction, click',
    cell: ({ transaction_id, click_id }) => (
      <span class="named">
        <Id of={transaction_id} />
        {click_id && <ClickLink id={click_id} />}
      </span>
    ),
  },
  {
    title: 'Theirs',
    align: 'end',
    cell: (one) => <Side status={one.their_status} amount={one.their_amount} currency={one.their_currency} />,
  },
  { title: 'Ours', align: 'end', cell: (one) => <Side status={one.our_status} amount={one.our_amount} currency={one.our_currency} /> },
  {
    title: 'Why',
    cell: ({ why, code, near_edge }) => (
      <span class="wide">
        {code && <code>{code}</code>} <Text of={why} />
        {near_edge && <> Close to the period's edge: it may be in the previous or next file.</>}
      </span>
    ),
  },
  { title: 'See', cell: ({ conversion_id, log_id }) => <See conversion={conversion_id} log={log_id} /> },
];

function Side({
  status,
  amount,
  currency,
}: {
  readonly status: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
}) {
  return (
    <span class="named">
      <Money of={amount} currency={currency} />
      <Text of={status} />
    </span>
  );
}

function See({ conversion, log }: { readonly conversion: string | null; readonly log: string | null }) {
  if (conversion !== null) return <a href={to(['conversions', conversion])}>Conversion</a>;
  return log === null ? <Text of={null} /> : <a href={to(['received', log])}>Postback</a>;
}

/** Rows that are drawn together. */
const rowsPerPart = 50;

/** All differences, or those of one kind. */
export function Differences({ found }: { readonly found: Reconciliation }) {
  const [kind, setKind] = useState<Kind | 'differences'>('differences');
  const pages = useMemo(() => {
    const wanted = kind === 'differences' ? kindNames.filter((name) => name !== 'agreed').flatMap((name) => found[name]) : found[kind];
    return Array.from({ length: Math.ceil(wanted.length / rowsPerPart) }, (_, part) =>
      wanted.slice(part * rowsPerPart, (part + 1) * rowsPerPart),
    );
  }, [found, kind]);
  const differing = kindNames.reduce((sum, name) => sum + (name === 'agreed' ? 0 : found.counts[name]), 0);
  const choices = [
    ['differences', 'All differences', differing] as const,
    ...kindNames.map((name) => [name, kinds[name], found.counts[name]] as const),
  ];
  return (
    <>
      <div class="ranges">
        {choices.map(([name, text, count]) => (
          <button key={name} type="button" class="small" aria-pressed={kind === name} onClick={() => setKind(name)}>
            {text}: {groupedText(String(count))}
          </button>
        ))}
      </div>
      {pages.length === 0 ? (
        <p class="muted">No differences.</p>
      ) : (
        <Table
          key={kind}
          label="differences"
          columns={columns}
          keyOf={({ finding, row, conversion_id, log_id }) => [finding, row, conversion_id, log_id].join(' ')}
          pages={pages}
        />
      )}
    </>
  );
}
