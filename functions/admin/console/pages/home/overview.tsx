import { postbackResults } from '../../../../domain/status.ts';
import { groupedText, moneyText, percentText } from '../../core/amounts.ts';
import { rangeOf, timeZone } from '../../core/ranges.ts';
import { replaceAddress, to } from '../../core/routing.ts';
import { durationText } from '../../core/times.ts';
import type { ConversionSummary, Statistics } from '../../core/types.ts';
import { useLoad } from '../../core/use-load.ts';
import { Empty, ErrorNote, Loading, Page, Section } from '../../parts/basics.tsx';
import { DayChart, type Series } from '../../parts/charts.tsx';
import { dayFilters as days, Filters } from '../../parts/filters.tsx';

/** How many of the newest held conversions are counted. */
const looked = '200';

interface Held {
  readonly conversions: readonly ConversionSummary[];
  readonly next_cursor: string | null;
}

export function OverviewPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { value, error, reload } = useLoad<Statistics>('/postback-pipeline/stats', {
    ...rangeOf(query),
    timezone: timeZone,
    compare: 'previous',
  });
  const held = useLoad<Held>('/conversions', { status: 'held', limit: looked });
  return (
    <Page
      title="Overview"
      about="Compared with the previous period."
      actions={
        <button
          type="button"
          onClick={() => {
            reload();
            held.reload();
          }}
        >
          Reload
        </button>
      }
    >
      <Filters filters={days} values={{ ...query, ...rangeOf(query) }} onChange={(values) => replaceAddress(to(['overview'], values))} />
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!value && !error && <Loading what="the statistics" />}
      {value && value.received === 0 && <FirstSteps />}
      {value && (
        <>
          <Tiles statistics={value} held={held.value} />
          <div class="grid">
            <CameIn statistics={value} />
            <Health statistics={value} />
          </div>
          <Money statistics={value} />
        </>
      )}
    </Page>
  );
}

/** Tells what to do on a system that has not received anything yet. */
function FirstSteps() {
  return (
    <Section title="First steps" about="No postbacks in this period. Here is how to send a first one:">
      <ol class="steps">
        <li>
          Create a <a href={to(['partners'])}>partner</a>, then a key for it. That gives you its postback URL.
        </li>
        <li>
          Create a <a href={to(['publishers'])}>publisher</a> and a <a href={to(['placements'])}>placement</a> where it shows offers.
        </li>
        <li>
          Create an <a href={to(['offers'])}>offer</a> of the partner, and record a click on it.
        </li>
        <li>Send the postback URL with that click's id, or try it first with the tester on the partner's page.</li>
      </ol>
    </Section>
  );
}

/** What an operator looks at first: what arrives, and what has been waiting for how long. */
function Tiles({ statistics, held }: { readonly statistics: Statistics; readonly held: Held | undefined }) {
  const { deliveries, by_result: results, by_status: statuses } = statistics;
  const waiting = held?.conversions.length ?? 0;
  const rate = deliveries.success_rate;
  const before = statistics.previous;
  const age = (seconds: number | null) => (seconds === null ? 'none' : durationText(seconds));
  return (
    <ul class="tiles">
      <Tile name="Received" value={statistics.received} before={before?.received} href={to(['received'])} />
      <Tile
        name="Approved"
        value={statuses['approved'] ?? 0}
        before={before?.by_status['approved']}
        href={to(['conversions'], { status: 'approved' })}
      />
      <Tile name="Reversed" value={statuses['reversed'] ?? 0} before={before?.by_status['reversed']} href={to(['performance'])} />
      <Tile
        name="Held now"
        value={held === undefined ? '…' : `${waiting}${held.next_cursor === null ? '' : '+'}`}
        href={to(['work'])}
        warn={waiting > 0}
      />
      <Tile name="Errors" value={results['error'] ?? 0} href={to(['received'], { result: 'error' })} warn={(results['error'] ?? 0) > 0} />
      <Tile
        name="Delivery success rate"
        value={rate === null ? 'none yet' : percentText(rate)}
        href={to(['deliveries'])}
        warn={rate !== null && rate < 0.9}
      />
      <Tile
        name="Oldest undelivered (age)"
        value={age(deliveries.oldest_undelivered_seconds)}
        href={to(['deliveries'], { status: 'failing' })}
        warn={(deliveries.oldest_undelivered_seconds ?? 0) > 3600}
      />
      <Tile
        name="Oldest unsettled (age)"
        value={age(deliveries.oldest_unsettled_seconds)}
        href={to(['queues'])}
        warn={(deliveries.oldest_unsettled_seconds ?? 0) > 300}
      />
    </ul>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string | number;
  readonly href: string;
  readonly warn?: boolean;
  /** The value in the previous period. */
  readonly before?: number | undefined;
}

function Tile({ name, value, href, before, warn = false }: TileProps) {
  return (
    <li class={warn ? 'tile warn' : 'tile'}>
      <a href={href}>
        <span class="tile-value">{typeof value === 'number' ? groupedText(String(value)) : value}</span>
        <span class="tile-name">
          {name}
          {typeof value === 'number' && before !== undefined && before > 0 && (
            <span class="delta"> {percentText(value / before - 1).replace(/^(?!-)/, '+')}</span>
          )}
        </span>
      </a>
    </li>
  );
}

const looks: Readonly<Record<(typeof postbackResults)[number], string>> = {
  accepted: 'look-good',
  duplicate: 'look-calm',
  held: 'look-warn',
  logged: 'look-quiet',
  test: 'look-blue',
  error: 'look-bad',
};

function CameIn({ statistics: { by_day } }: { readonly statistics: Statistics }) {
  const series = postbackResults
    .map((result): Series => ({ name: result, look: looks[result], values: by_day.map(({ by_result }) => String(by_result[result] ?? 0)) }))
    .filter(({ values }) => values.some((value) => value !== '0'));
  return (
    <Section title="Received" about="Postbacks by result.">
      {series.length === 0 ? (
        <Empty title="No postbacks in this period." />
      ) : (
        <DayChart title="Postbacks by day" days={by_day.map(({ day }) => day)} series={series} stacked />
      )}
    </Section>
  );
}

function Health({ statistics: { by_day, deliveries } }: { readonly statistics: Statistics }) {
  const of = (name: 'delivered' | 'delivery_failed') => by_day.map((day) => String(day[name]));
  return (
    <Section title="Deliveries" about="Attempts to notify publishers.">
      {deliveries.success_rate === null ? (
        <Empty title="No attempts in this period." />
      ) : (
        <DayChart
          title="Attempts by day"
          days={by_day.map(({ day }) => day)}
          series={[
            { name: 'arrived', look: 'look-good', values: of('delivered') },
            { name: 'failed', look: 'look-bad', values: of('delivery_failed') },
          ]}
          stacked
        />
      )}
    </Section>
  );
}

/** One chart per currency, since amounts in different currencies cannot be compared. */
function Money({ statistics: { by_day, upward, downward } }: { readonly statistics: Statistics }) {
  const currencies = [...new Set([...Object.keys(upward), ...Object.keys(downward)])].sort();
  const of = (currency: string, side: 'upward' | 'downward') => by_day.map((day) => day[side][currency]);
  return (
    <Section title="Money" about="What partners owe and what publishers earn, minus what was taken back.">
      {currencies.length === 0 && <Empty title="No earnings in this period." />}
      <div class="grid">
        {currencies.map((currency) => (
          <div key={currency}>
            <p class="money">
              <span class="unit">{currency}</span>{' '}
              <strong class="amount">{groupedText(upward[currency] ?? moneyText('0', currency))}</strong> from partners,{' '}
              <strong class="amount">{groupedText(downward[currency] ?? moneyText('0', currency))}</strong> to publishers
            </p>
            <DayChart
              title={`${currency} by day`}
              days={by_day.map(({ day }) => day)}
              series={[
                { name: 'from partners', look: 'look-blue', values: of(currency, 'upward') },
                { name: 'to publishers', look: 'look-good', values: of(currency, 'downward') },
              ]}
              nothing={moneyText('0', currency)}
            />
          </div>
        ))}
      </div>
    </Section>
  );
}
