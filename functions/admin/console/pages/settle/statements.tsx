import { useMemo } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { monthBefore, timeZone } from '../../core/ranges.ts';
import { replaceAddress, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Account, Statement } from '../../core/types.ts';
import { useLoad } from '../../core/use-load.ts';
import { Amount, Empty, ErrorNote, Facts, Id, Loading, Money, Note, Page, Section, Text } from '../../parts/basics.tsx';
import { type Column, Table } from '../../parts/data-table.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import { useNames } from '../../parts/name.tsx';

type Query = Readonly<Record<string, string>>;

/** Monthly statements: a list of publishers, each with a link to its own. The URL may name a month; the default is the previous one. */
export function StatementsPage({ query }: { readonly query: Query }) {
  const publishers = useNames('publisher');
  const month = query['month'] ?? monthBefore(1);
  return (
    <Page title="Statements" about="Opening balance, earnings, reversals and closing balance per month, from the ledger.">
      <MonthChoice month={month} at={['statements']} />
      {publishers.size === 0 ? (
        <Empty title="No publishers yet." />
      ) : (
        <Section title={`Publishers, ${month}`}>
          <ul class="columns plain-list">
            {[...publishers].map(([id, name]) => (
              <li key={id} class="named">
                <a href={to(['statements', id], { month })}>
                  <Text of={name} />
                </a>
                <code class="id">{id}</code>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </Page>
  );
}

function MonthChoice({ month, at }: { readonly month: string; readonly at: readonly string[] }) {
  const choose = (chosen: string) => replaceAddress(to(at, { month: chosen }));
  const quick = [
    ['This month', monthBefore(0)],
    ['Last month', monthBefore(1)],
  ] as const;
  return (
    <div class="ranges">
      <label class="filter inline">
        <span>Month</span>
        <input
          type="month"
          value={month}
          pattern="\d{4}-\d{2}"
          onChange={({ currentTarget: { value } }) => /^\d{4}-\d{2}$/.test(value) && choose(value)}
        />
      </label>
      {quick.map(([name, value]) => (
        <button key={value} type="button" class="small" aria-pressed={month === value} onClick={() => choose(value)}>
          {name}
        </button>
      ))}
      <span class="muted">Months are in {timeZone}.</span>
    </div>
  );
}

type Line = Statement['lines'][number];

const columns: readonly Column<Line>[] = [
  {
    title: 'Offer',
    cell: ({ offer_id, offer_name }) => (
      <span class="named">
        <Text of={offer_name ?? offer_id} />
        {offer_name !== null && <Id of={offer_id} />}
      </span>
    ),
  },
  money('Opening', ({ opening }) => opening),
  money('Earned', ({ earned }) => earned),
  money('Taken back', ({ taken_back }) => taken_back),
  money('Closing', ({ closing }) => closing),
];

/** An amount of money with the points below it. */
function money(title: string, of: (balances: Account['points']) => string): Column<Line> {
  return {
    title,
    align: 'end',
    cell: (line) => (
      <span class="named">
        <Money of={of(line)} currency={line.currency} />
        <Amount of={of(line.points)} unit="points" />
      </span>
    ),
  };
}

export function StatementPage({ id, query }: { readonly id: string; readonly query: Query }) {
  const { role } = useSession();
  const month = query['month'] ?? monthBefore(1);
  const asked = useMemo(() => ({ month, timezone: timeZone }), [month]);
  const at = path`/statements/${id}`;
  const { value, error, reload } = useLoad<Statement>(at, asked);
  const name = useNames('publisher').get(id);
  return (
    <Page
      title={name === undefined ? 'Statement' : `Statement of ${name}`}
      {...(role !== 'publisher' && { up: { href: to(['statements'], { month }), name: 'Statements' } })}
      about={<Id of={id} />}
      actions={<DownloadCsv path={at} name={`statement-${id}-${month}`} query={asked} paged={false} />}
    >
      <MonthChoice month={month} at={role === 'publisher' ? ['statements'] : ['statements', id]} />
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!value && !error && <Loading what="the statement" />}
      {value && !value.final && <Note tone="warn">This month is not over: the figures will still change.</Note>}
      {value?.totals.map((total) => (
        <Section key={total.currency} title={`Total in ${total.currency}`}>
          <Facts
            dense
            of={[
              ['Opening', <Money of={total.opening} currency={total.currency} />],
              ['Earned', <Money of={total.earned} currency={total.currency} />],
              ['Taken back', <Money of={total.taken_back} currency={total.currency} />],
              ['Closing', <Money of={total.closing} currency={total.currency} />],
            ]}
          />
        </Section>
      ))}
      {value && value.lines.length === 0 && <Empty title="Nothing was earned up to the end of this month." />}
      {value && value.lines.length > 0 && (
        <Section title="By offer" about="Payouts, with users' points underneath.">
          <Table
            label="statement by offer"
            columns={columns}
            keyOf={({ offer_id, currency }) => `${offer_id} ${currency}`}
            pages={[value.lines]}
          />
        </Section>
      )}
    </Page>
  );
}
