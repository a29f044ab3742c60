import { useMemo, useState } from 'preact/hooks';
import { cureOf } from '../../../../domain/code-cures.ts';
import { forwardedStatuses } from '../../../../domain/status.ts';
import { path } from '../../core/api.ts';
import { meaningOf } from '../../core/explanations.ts';
import { navigate, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Conversion, Delivery, LedgerEntry, LogSummary } from '../../core/types.ts';
import { useLoad } from '../../core/use-load.ts';
import { Amount, AnswerCode, Badge, ErrorNote, Facts, Id, Loading, Money, Note, Page, Section, Text, Time } from '../../parts/basics.tsx';
import { type Column, Table } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import type { Field } from '../../parts/field.ts';
import { Form } from '../../parts/form.tsx';
import { ClickLink, Name } from '../../parts/name.tsx';
import { useToast } from '../../parts/toasts.tsx';
import { useNeighbours, Walk } from './neighbours.tsx';
import { RepairUnknownStatus } from './repair.tsx';

type Step = Conversion['steps'][number];

/** The amounts of steps are in the currencies of their conversion. */
const stepColumns = ({ currency, downward_currency: downward }: Conversion): readonly Column<Step>[] => [
  { title: 'When', cell: ({ at }) => <Time at={at} /> },
  { title: 'Status', cell: ({ status }) => <Badge status={status} /> },
  { title: 'Postback', cell: ({ log_id }) => <Id of={log_id} href={to(['received', log_id])} /> },
  { title: 'Reason', cell: ({ reason, by }) => <Text of={[reason, by && `by ${by}`].filter(Boolean).join(', ')} /> },
  { title: 'From partner', align: 'end', cell: ({ payout }) => <Money of={payout} currency={currency} /> },
  { title: 'To publisher', align: 'end', cell: ({ downward_payout }) => <Money of={downward_payout} currency={downward} /> },
  { title: 'Points', align: 'end', cell: ({ points }) => <Amount of={points} /> },
];
const entryColumns: readonly Column<LedgerEntry>[] = [
  { title: 'When', cell: ({ at }) => <Time at={at} /> },
  { title: 'Reason', cell: ({ status }) => <Badge status={status} /> },
  { title: 'Points', align: 'end', cell: ({ points }) => <Amount of={points} /> },
  { title: 'Balance after', align: 'end', cell: ({ balance }) => <Amount of={balance} /> },
];
const deliveryColumns: readonly Column<Delivery>[] = [
  {
    title: 'Created',
    cell: ({ created_at, delivery_id }) => (
      <a href={to(['deliveries', delivery_id])}>
        <Time at={created_at} />
      </a>
    ),
  },
  { title: 'Status', cell: ({ status }) => <Badge status={status} /> },
  { title: 'Attempts', align: 'end', cell: ({ attempts }) => attempts.length },
  { title: 'Last answer', cell: ({ attempts }) => <AnswerCode of={attempts.at(-1)?.code} /> },
];
const postbackColumns: readonly Column<LogSummary>[] = [
  {
    title: 'Received',
    cell: ({ received_at, log_id }) => (
      <a href={to(['received', log_id])}>
        <Time at={received_at} />
      </a>
    ),
  },
  {
    title: 'Result',
    cell: ({ result, code }) => (
      <>
        <Badge status={result} /> {code && <code>{code}</code>}
      </>
    ),
  },
  { title: 'Status', cell: ({ status }) => <Text of={status} /> },
  { title: 'Transaction', cell: ({ transaction_id }) => <Text of={transaction_id} /> },
  { title: 'Payout', align: 'end', cell: ({ payout, currency }) => <Money of={payout} currency={currency} /> },
];

/** @param query filters of the list from which the page was opened: the page leads to the next conversion in it. */
export function ConversionDetailPage({ id, query }: { readonly id: string; readonly query: Readonly<Record<string, string>> }) {
  const { role } = useSession();
  const { value, error, reload } = useLoad<{ conversion: Conversion }>(path`/conversions/${id}`);
  const [settling, setSettling] = useState(false);
  const around = useNeighbours(id, query);
  const conversion = value?.conversion;
  return (
    <Page
      title={conversion?.status === 'held' ? 'Held postback' : 'Conversion'}
      up={{ href: to(['conversions'], query), name: 'Conversions' }}
      about={<Id of={id} />}
      actions={
        <>
          <Walk {...around} />
          {conversion && role === 'admin' && (
            <button type="button" class={conversion.status === 'held' ? 'primary' : ''} onClick={() => setSettling(true)}>
              {conversion.status === 'approved' ? 'Reverse…' : 'Change status'}
            </button>
          )}
        </>
      }
    >
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!conversion && !error && <Loading what="the conversion" />}
      {conversion && <Details conversion={conversion} onChange={reload} />}
      {conversion && settling && (
        <SettleDialog
          conversion={conversion}
          onClose={() => setSettling(false)}
          onDone={() => {
            setSettling(false);
            // Whoever works through held conversions continues with the next one.
            if (query['status'] === 'held' && around.next !== undefined) navigate(around.next);
            else reload();
          }}
        />
      )}
    </Page>
  );
}

function Details({ conversion, onChange }: { readonly conversion: Conversion; readonly onChange: () => void }) {
  const { role } = useSession();
  const cure = cureOf(conversion.code ?? undefined);
  const { publisher_id: publisher, user_id: user, offer_id: offer } = conversion;
  return (
    <>
      {conversion.status === 'held' && (
        <Note tone="warn">
          <p>
            Held: <code>{conversion.code}</code> {meaningOf(conversion.code ?? '')}. Nobody is paid until you decide.
          </p>
          {cure && <p>Advice shown to the partner: {cure}</p>}
          {conversion.code === 'unknown_status' && role === 'admin' && <RepairUnknownStatus conversion={conversion} onDone={onChange} />}
        </Note>
      )}
      <Section title="Summary">
        <Facts
          of={[
            ['Status', <Badge status={conversion.status} />],
            ['From partner', <Money of={conversion.payout} currency={conversion.currency} />],
            ['To publisher', <Money of={conversion.downward_payout} currency={conversion.downward_currency} />],
            ['To user', <Amount of={conversion.points} unit="points" />],
            ['Partner', <Name of="partner" id={conversion.partner_id} />],
            ['Offer', <Name of="offer" id={offer} />],
            ['Publisher', <Name of="publisher" id={publisher} />],
            ['User', publisher === null || user === null ? <Text of={user} /> : <Id of={user} href={to(['users', publisher, user])} />],
            ['Click', <ClickLink id={conversion.click_id} />],
            ['Event', <Text of={conversion.event} />],
            ['Transaction', <Id of={conversion.transaction_id} />],
            ['Matched by', <Text of={conversion.matched_by?.replaceAll('_', ' ')} />],
          ]}
        />
      </Section>
      {conversion.status !== 'held' && <Course conversion={conversion} />}
      <Part title="Postbacks" columns={postbackColumns} items={conversion.postbacks} keyOf={({ log_id }) => log_id} none="No postbacks." />
    </>
  );
}

/** What the conversion led to. A held one has led to nothing yet. */
function Course({ conversion }: { readonly conversion: Conversion }) {
  const { terms, steps, ledger_entries: entries, deliveries } = conversion;
  const columns = useMemo(() => stepColumns(conversion), [conversion]);
  return (
    <>
      <Section title="Terms" about="Fixed when the conversion was settled. Later changes to the offer don't apply to it.">
        {terms === null ? (
          <p class="muted">Not settled yet.</p>
        ) : (
          <Facts
            of={[
              ['Rule', terms.rule === 'percent' ? `${terms.value}% of what the partner pays` : `fixed ${terms.value} ${terms.currency}`],
              ['Set by', terms.source],
              ['Points per currency unit', <Amount of={terms.exchange_rate} />],
            ]}
          />
        )}
      </Section>
      <Part title="Steps" columns={columns} items={steps} keyOf={({ log_id }) => log_id} none="No changes have been accepted." />
      <Part title="Ledger entries" columns={entryColumns} items={entries} keyOf={({ entry_id }) => entry_id} none="No points have moved." />
      <Part
        title="Deliveries"
        columns={deliveryColumns}
        items={deliveries}
        keyOf={({ delivery_id }) => delivery_id}
        none="Nothing to send to the publisher."
      />
    </>
  );
}

interface PartProps<Item> {
  readonly title: string;
  readonly columns: readonly Column<Item>[];
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  readonly none: string;
}

function Part<Item>({ title, columns, items, keyOf, none }: PartProps<Item>) {
  return (
    <Section title={title}>
      {items.length === 0 ? <p class="muted">{none}</p> : <Table label={title} columns={columns} keyOf={keyOf} pages={[items]} />}
    </Section>
  );
}

interface SettleProps {
  readonly conversion: Conversion;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function SettleDialog({ conversion, onClose, onDone }: SettleProps) {
  const { api } = useSession();
  const say = useToast();
  const fields: readonly Field[] = [
    { name: 'status', label: 'New status', kind: 'select', options: forwardedStatuses.filter((status) => status !== conversion.status) },
    { name: 'reason', label: 'Reason', required: true, help: 'Stored with the change and shown in the audit log.' },
    {
      name: 'payout',
      label: `Payout from the partner (${conversion.currency})`,
      help: 'Leave empty to use the payout that was sent.',
      placeholder: conversion.payout ?? '',
    },
    ...(conversion.status === 'held' && conversion.click_id === null
      ? [{ name: 'click_id', label: 'Click', placeholder: 'CLK-…', help: 'The postback does not name a click.' }]
      : []),
  ];
  return (
    <Dialog title="Change status" onClose={onClose}>
      <p class="muted">Points and notifications follow as if the partner had sent the change. The audit log shows your name.</p>
      <Form
        label="Change status"
        fields={fields}
        initial={{ status: conversion.status === 'approved' ? 'reversed' : 'approved' }}
        submit="Change status"
        onSubmit={async (body) => {
          await api.post(path`/conversions/${conversion.conversion_id}/status`, body);
          say('Done. Points and notifications will follow.');
          onDone();
        }}
      />
    </Dialog>
  );
}
