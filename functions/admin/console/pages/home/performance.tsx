import { useMemo } from 'preact/hooks';
import { amountsText, percentText, scaled } from '../../core/amounts.ts';
import { rangeOf, timeZone } from '../../core/ranges.ts';
import { replaceAddress, to } from '../../core/routing.ts';
import type { Figures, Statistics } from '../../core/types.ts';
import { useLoad } from '../../core/use-load.ts';
import { Absent, Amount, Count, Empty, ErrorNote, Loading, Page, Text } from '../../parts/basics.tsx';
import { Sparkline } from '../../parts/charts.tsx';
import { type Column, Table } from '../../parts/data-table.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import { dayFilters, Filters } from '../../parts/filters.tsx';
import { Name } from '../../parts/name.tsx';

const groupings = ['partner', 'publisher', 'offer'] as const;
type Grouping = (typeof groupings)[number];

interface Row extends Figures {
  readonly id: string;
  readonly days: { readonly approved: readonly number[]; readonly reversed: readonly number[] };
  /** The figures of the previous period; absent when there were none. */
  readonly before: Figures | undefined;
}

/** How partners, publishers and offers perform, compared with the previous period. */
export function PerformancePage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const by = groupings.find((grouping) => grouping === query['by']) ?? 'partner';
  const range = rangeOf(query);
  const asked = { ...range, timezone: timeZone };
  const { value, error, reload } = useLoad<Statistics>('/postback-pipeline/stats', { ...asked, compare: 'previous' });
  const rows = useMemo(() => (value === undefined ? [] : rowsOf(value, by)), [value, by]);
  const columns = useMemo(() => columnsOf(by, range), [by, range.from, range.to]);
  const change = (changed: Readonly<Record<string, string>>) => replaceAddress(to(['performance'], { ...query, ...changed }));
  return (
    <Page
      title="Performance"
      about="Amounts and changes count on the day they were settled, so a reversal counts on its own day. Changes are compared with the previous period."
      actions={<DownloadCsv path="/postback-pipeline/stats" name={`performance-by-${by}`} query={{ ...asked, by }} paged={false} />}
    >
      <nav class="tabs walk" aria-label="Grouped by">
        {groupings.map((grouping) => (
          <a
            key={grouping}
            class="button"
            href={to(['performance'], { ...query, by: grouping })}
            aria-current={grouping === by ? 'true' : undefined}
          >
            By {grouping}
          </a>
        ))}
      </nav>
      <Filters
        filters={dayFilters}
        values={{ ...query, ...range }}
        onChange={({ from = '', to: last = '' }) => change({ from, to: last })}
      />
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!value && !error && <Loading what="the figures" />}
      {value && rows.length === 0 && <Empty title="Nothing happened in this period." />}
      {rows.length > 0 && (
        <Table
          label={`performance by ${by}`}
          columns={columns}
          keyOf={({ id }) => id}
          pages={[rows]}
          sorting={{ by: query['sort'] ?? '-Received', onSort: (sort) => change({ sort }) }}
        />
      )}
    </Page>
  );
}

function rowsOf(statistics: Statistics, by: Grouping): readonly Row[] {
  const { previous } = statistics;
  switch (by) {
    case 'partner':
      return joined(statistics.by_partner, previous?.by_partner ?? [], ({ partner_id }) => partner_id);
    case 'publisher':
      return joined(statistics.by_publisher, previous?.by_publisher ?? [], ({ publisher_id }) => publisher_id);
    case 'offer':
      return joined(statistics.by_offer, previous?.by_offer ?? [], ({ offer_id }) => offer_id);
    default:
      return by satisfies never;
  }
}

function joined<Group extends Figures>(
  now: readonly (Group & { readonly days: Row['days'] })[],
  before: readonly Group[],
  idOf: (group: Group) => string,
): readonly Row[] {
  const earlier = new Map(before.map((group) => [idOf(group), group]));
  return now.map((group) => ({ ...group, id: idOf(group), before: earlier.get(idOf(group)) }));
}

const status = (name: string) => (row: Figures) => row.by_status[name] ?? 0;
const [approved, reversed] = [status('approved'), status('reversed')];

function columnsOf(by: Grouping, range: { readonly from: string; readonly to: string }): readonly Column<Row>[] {
  const conversions = (row: Row, wanted: string) => to(['conversions'], { [`${by}_id`]: row.id, status: wanted, ...range });
  const deliveries: Column<Row> = {
    title: 'Delivered',
    align: 'end',
    by: (row) => row.delivery_success_rate,
    cell: (row) => <a href={to(['deliveries'], { publisher_id: row.id, ...range })}>{rateText(row.delivery_success_rate)}</a>,
  };
  return [
    { title: 'Name', cell: ({ id }) => <Name of={by} id={id} /> },
    {
      title: 'Received',
      align: 'end',
      by: ({ received }) => received,
      cell: ({ received, id }) =>
        by === 'partner' ? <a href={to(['received'], { partner_id: id, ...range })}>{<Count of={received} />}</a> : <Count of={received} />,
    },
    {
      title: 'Approved',
      align: 'end',
      by: approved,
      cell: (row) => <a href={conversions(row, 'approved')}>{<Count of={approved(row)} />}</a>,
    },
    {
      title: 'Reversed',
      align: 'end',
      by: reversed,
      cell: (row) => <a href={conversions(row, 'reversed')}>{<Count of={reversed(row)} />}</a>,
    },
    {
      title: 'Approval rate',
      align: 'end',
      by: ({ approval_rate }) => approval_rate,
      cell: ({ approval_rate: rate, before }) => <Rate now={rate} before={before?.approval_rate} better="more" />,
    },
    {
      title: 'Reversal rate',
      align: 'end',
      by: ({ reversal_rate }) => reversal_rate,
      cell: ({ reversal_rate: rate, before }) => <Rate now={rate} before={before?.reversal_rate} better="less" />,
    },
    ...(by === 'publisher' ? [deliveries] : []),
    money('From partners', ({ upward }) => upward),
    money('To publishers', ({ downward }) => downward),
    money('Margin', ({ margin }) => margin),
    { title: 'Days', cell: ({ days }) => <Sparkline good={days.approved} bad={days.reversed} /> },
  ];
}

function money(title: string, of: (row: Row) => Readonly<Record<string, string>>): Column<Row> {
  return {
    title,
    align: 'end',
    // Amounts in different currencies cannot be compared, so a row counts by its largest one.
    by: (row) => Object.values(of(row)).reduce<bigint | null>((most, amount) => larger(most, scaled(amount) ?? 0n), null),
    cell: (row) => {
      const [first, ...others] = Object.entries(of(row));
      if (first === undefined) return <Absent />;
      if (others.length > 0) return <Text of={amountsText(of(row))} />;
      return <Amount of={first[1]} unit={first[0]} />;
    },
  };
}

function larger(most: bigint | null, amount: bigint): bigint {
  return most === null || amount > most ? amount : most;
}

function rateText(rate: number | null): string {
  return rate === null ? '–' : percentText(rate);
}

interface RateProps {
  readonly now: number | null;
  readonly before: number | null | undefined;
  readonly better: 'more' | 'less';
}

/** A rate, and by how many percentage points it has changed. */
function Rate({ now, before, better }: RateProps) {
  if (now === null) return <Absent />;
  const moved = before === null || before === undefined ? 0 : now - before;
  const tone = Math.abs(moved) < 0.01 ? '' : moved > 0 === (better === 'more') ? 'good' : 'bad';
  return (
    <span class="named">
      <span class="amount">{percentText(now)}</span>
      {before !== null && before !== undefined && (
        <span class={`delta amount ${tone}`}>
          {moved < 0 ? '' : '+'}
          {(moved * 100).toFixed(1)} pp
        </span>
      )}
    </span>
  );
}
