import { useMemo } from 'preact/hooks';
import type { Api, ApiError, Query } from '../../core/api.ts';
import { meaningOf } from '../../core/explanations.ts';
import { rowsOf } from '../../core/pages.ts';
import { dayOf, withTimes } from '../../core/ranges.ts';
import { to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { ConversionSummary, Delivery, LogSummary } from '../../core/types.ts';
import { useAnswer } from '../../core/use-answer.ts';
import { AnswerCode, Badge, Count, Empty, ErrorNote, Loading, Page, Section, Time } from '../../parts/basics.tsx';
import { type Column, Table } from '../../parts/data-table.tsx';
import { Name } from '../../parts/name.tsx';

/** Up to this many are counted exactly; beyond it the count shows `+`. */
const mostCounted = 1_000;
/** A refused postback is never done with, so only those of these last days count as work. */
const refusedDays = 7;

/** Items that wait for the same reason. */
interface Group {
  readonly key: string;
  readonly code: string;
  /** The id of the partner or the publisher. */
  readonly owner: string;
  readonly status: string;
  readonly count: number;
  readonly oldest: string;
  readonly address: string;
}

interface Counted {
  readonly groups: readonly Group[];
  readonly cut: boolean;
}

/** What waits for a person, grouped by reason. Each group leads to its own list, where one decision can settle all of it. */
export function WorkPage() {
  const { api } = useSession();
  const held = useAnswer(useMemo(() => () => countHeld(api), [api]));
  const undelivered = useAnswer(useMemo(() => () => countUndelivered(api), [api]));
  const refused = useAnswer(useMemo(() => () => countRefused(api), [api]));
  const reload = () => {
    held.reload();
    undelivered.reload();
    refused.reload();
  };
  return (
    <Page
      title="To do"
      about="Open items by reason. Select a reason to see and decide all of them."
      actions={
        <button type="button" onClick={reload}>
          Reload
        </button>
      }
    >
      <Queue
        title="Held postbacks"
        about="Nobody is paid for them until somebody decides."
        none="Nothing is held."
        asked={held}
        columns={heldColumns}
      />
      <Queue
        title="Undelivered notifications"
        about="We retry failing deliveries automatically. Dead ones need a resend. Held ones go out when their publisher is resumed."
        none="Everything was delivered."
        asked={undelivered}
        columns={undeliveredColumns}
      />
      <Queue
        title="Refused postbacks"
        about={`Of the last ${refusedDays} days. Fix the cause, then reprocess them.`}
        none="Nothing was refused."
        asked={refused}
        columns={refusedColumns}
      />
    </Page>
  );
}

interface QueueProps {
  readonly title: string;
  readonly about: string;
  readonly none: string;
  readonly asked: { readonly value: Counted | undefined; readonly error: ApiError | undefined; readonly reload: () => void };
  readonly columns: readonly Column<Group>[];
}

function Queue({ title, about, none, asked: { value, error, reload }, columns }: QueueProps) {
  return (
    <Section title={title} about={about}>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!value && !error && <Loading what={title.toLowerCase()} />}
      {value?.groups.length === 0 && <Empty title={none} />}
      {value && value.groups.length > 0 && <Table label={title} columns={columns} keyOf={({ key }) => key} pages={[value.groups]} />}
      {value?.cut && <p class="help">Counted among the newest {mostCounted}.</p>}
    </Section>
  );
}

const count: Column<Group> = { title: 'Waiting', align: 'end', cell: ({ count: waiting }) => <Count of={waiting} /> };
const oldest: Column<Group> = { title: 'Oldest', cell: ({ oldest: at }) => <Time at={at} /> };
const because: Column<Group> = {
  title: 'Reason',
  cell: ({ code, address }) => (
    <span class="named">
      <a href={address}>{meaningOf(code) ?? code}</a>
      <code class="muted">{code}</code>
    </span>
  ),
};
const partner: Column<Group> = { title: 'Partner', cell: ({ owner }) => <Name of="partner" id={owner} /> };
const heldColumns = [because, partner, count, oldest];
const refusedColumns = heldColumns;
const undeliveredColumns: readonly Column<Group>[] = [
  { title: 'Publisher', cell: ({ owner }) => <Name of="publisher" id={owner} /> },
  {
    title: 'Status',
    cell: ({ status, address }) => (
      <a href={address}>
        <Badge status={status} />
      </a>
    ),
  },
  { title: 'Last answer', cell: ({ code }) => <AnswerCode of={code === '' ? undefined : code} /> },
  count,
  oldest,
];

async function newest<Item, Name extends string>(api: Api, path: string, name: Name, parameters: Query) {
  const { items, next } = await rowsOf<Item, Name>({ api, path, name, parameters }, undefined, mostCounted);
  return { items, cut: next !== null };
}

async function countHeld(api: Api): Promise<Counted> {
  const { items, cut } = await newest<ConversionSummary, 'conversions'>(api, '/conversions', 'conversions', { status: 'held' });
  const rows = items.map(({ code, partner_id, created_at }) => ({ code: code ?? '', owner: partner_id, status: 'held', at: created_at }));
  const address = ({ code, owner }: Row) => to(['conversions'], { status: 'held', code, partner_id: owner });
  return { groups: grouped(rows, address), cut };
}

async function countRefused(api: Api): Promise<Counted> {
  const from = dayOf(new Date(Date.now() - refusedDays * 86_400_000));
  const { items, cut } = await newest<LogSummary, 'logs'>(api, '/received-postbacks', 'logs', withTimes({ result: 'error', from }));
  const rows = items.map(({ code, partner_id, received_at }) => ({
    code: code ?? '',
    owner: partner_id,
    status: 'error',
    at: received_at,
  }));
  const address = ({ code, owner }: Row) => to(['received'], { result: 'error', code, partner_id: owner, from });
  return { groups: grouped(rows, address), cut };
}

async function countUndelivered(api: Api): Promise<Counted> {
  const lists = await Promise.all(
    ['failing', 'dead', 'held'].map((status) => newest<Delivery, 'logs'>(api, '/forwarded-postbacks', 'logs', { status })),
  );
  const rows = lists
    .flatMap(({ items }) => items)
    .map(({ attempts, publisher_id, status, created_at }) => ({
      code: attempts.at(-1)?.code ?? '',
      owner: publisher_id,
      status,
      at: created_at,
    }));
  const address = ({ owner, status }: Row) => to(['deliveries'], { publisher_id: owner, status });
  return { groups: grouped(rows, address), cut: lists.some(({ cut }) => cut) };
}

interface Row {
  readonly code: string;
  readonly owner: string;
  readonly status: string;
  readonly at: string;
}

/** Groups the rows, which come newest first; the largest group is first. */
function grouped(rows: readonly Row[], address: (row: Row) => string): readonly Group[] {
  const groups = Map.groupBy(rows, ({ code, owner, status }) => JSON.stringify([code, owner, status]));
  return [...groups]
    .flatMap(([key, all]) => {
      const last = all.at(-1);
      return last === undefined ? [] : [{ ...last, key, count: all.length, oldest: last.at, address: address(last) }];
    })
    .sort((a, b) => b.count - a.count);
}
