import { availableParallelism, cpus } from 'node:os';
import type { Against } from './against.ts';
import type { Back } from './back.ts';
import type { BundleComparison } from './bundles.ts';
import { byTable } from './consumption.ts';
import type { Flatness } from './flatness.ts';
import type { Isolation } from './isolation.ts';
import type { Lists } from './lists.ts';
import { priceList } from './price-list.ts';
import type { BareServer, Throughput } from './throughput.ts';
import { bars, type Cost, costOf, type Units } from './units.ts';

export interface Figures {
  readonly units: Units;
  /** The same with little traffic, when every message is a batch of its own. */
  readonly alone: Units;
  readonly bundles: BundleComparison;
  readonly flatness: Flatness;
  readonly throughput: Throughput;
  /** Absent: no other revision was compared. */
  readonly against: Against | undefined;
  readonly bare: BareServer;
  readonly isolation: Isolation;
  readonly lists: Lists;
  readonly back: Back;
  readonly seconds: number;
}

interface Row {
  readonly what: string;
  readonly measured: string;
  readonly bar: string;
  readonly floor: string;
  /** Absent: the figure has no bar. */
  readonly met?: boolean;
}

const number = (value: number, digits = 2) => value.toLocaleString('en-US', { maximumFractionDigits: digits });
const dollars = (value: number) => `$${value.toFixed(2)}`;

export function rowsOf({ units, alone, bundles, flatness, throughput, against, bare, isolation, lists, back }: Figures): Row[] {
  const { legs } = units;
  const cost = costOf(units).dollars;
  const atMost = (what: string, value: number, bar: number, floor: string, show = number): Row => ({
    what,
    measured: show(value),
    bar: `<= ${show(bar)}`,
    floor,
    met: value <= bar,
  });
  return [
    atMost('write units, approved postback', units.writeUnits, bars.writeUnits, '1 for a bare durable accept'),
    atMost('of which receive', legs.receive.writeUnits, bars.receiveWriteUnits, '4 for two items in one transaction'),
    { what: 'of which settle', measured: number(legs.settle.writeUnits), bar: '', floor: '4 for state and entry' },
    { what: 'of which forward', measured: number(legs.forward.writeUnits), bar: '', floor: '1 for the delivery' },
    atMost('read units', units.readUnits, bars.readUnits, '0.5 for the click'),
    atMost('SDK calls of the functions, batches of ten', units.calls, bars.calls, '4 to receive and settle nothing twice'),
    atMost('SQS requests, batches of ten', units.sqsRequests, bars.sqsRequests, '1 to send the hint'),
    atMost('dollars per million postbacks', cost, bars.dollarsPerMillion, '0.85 for a bare accept', dollars),
    atMost('dollars per million at a trickle', costOf(alone).dollars, bars.dollarsPerMillionAlone, '', dollars),
    atMost('write units, click', units.clickWriteUnits, bars.clickWriteUnits, '1 for the row, 1 for its index'),
    atMost(
      'receiver bundle, KB',
      bundles.receiver.kilobytes,
      450,
      `${number(bundles.clientsOnly.kilobytes, 0)} for the three SDK clients`,
      (n) => number(n, 0),
    ),
    atMost(
      'receiver import, times that of the SDK clients',
      bundles.importRatio,
      1.25,
      `${number(bundles.clientsOnly.importMilliseconds, 0)} ms for the clients, in the same run`,
    ),
    atMost('work per postback, 100,000 stored against 100', flatness.growth, 1.2, '1'),
    atMost(
      `time of a list page, ${amountsText(lists.many)} stored against ${amountsText(lists.few)}, of all lists the worst`,
      lists.worst.growth,
      1.2,
      `1; ${lists.worst.what}: ${number(lists.worst.manyMilliseconds, 1)} ms against ${number(lists.worst.fewMilliseconds, 1)} ms, in the same run`,
    ),
    {
      what: `search for a transaction of a partner, ${amountsText(lists.many)} stored`,
      measured: `${number(lists.search.manyMilliseconds, 0)} ms`,
      bar: 'printed',
      floor: `${number(lists.search.fewMilliseconds, 0)} ms with ${amountsText(lists.few)}: it reads an eighth of the partner's log, in the index`,
    },
    ...[
      { what: 'p99 delivery beside a publisher that hangs, half of the traffic', ...isolation.publisher },
      { what: 'p99 delivery of two postbacks of a publisher beside a third that hangs', ...isolation.postback },
    ].map(({ what, growth, hangingP99Milliseconds: hanging, aloneP99Milliseconds: alone }) =>
      atMost(what, growth, 1.2, `${number(hanging, 0)} ms against ${number(alone, 0)} ms, in the same run`),
    ),
    {
      what: `Back in the console to a list of ${number(back.rows, 0)} rows, until the same row is where it was`,
      measured: `${number(back.medianMilliseconds, 0)} ms, at worst ${number(back.worstMilliseconds, 0)} ms`,
      bar: '300 ms, printed',
      floor: '',
    },
    {
      what: 'accepted postbacks/s on `npm start`, 16 connections',
      measured: `${number(throughput.acceptedPerSecond, 0)}, p99 ${number(throughput.p99Milliseconds, 0)} ms`,
      bar: 'printed',
      floor: `${number(bare.perSecond, 0)}, p99 ${number(bare.p99Milliseconds, 0)} ms for a server that does nothing`,
    },
    {
      what: 'CPU of receiver and processor for one postback',
      measured: `${number(throughput.functionsCpuMilliseconds)} ms`,
      bar: 'printed',
      floor: cpuText(throughput.cpu),
    },
    {
      what: 'p99 of the answer at half of that rate',
      measured: `${number(throughput.halfRateP99Milliseconds, 0)} ms`,
      bar: 'printed',
      floor: '',
    },
    {
      what: 'redirects/s on `npm start`, 16 connections',
      measured: `${number(throughput.clicks.redirectsPerSecond, 0)}, p99 ${number(throughput.clicks.p99Milliseconds, 0)} ms`,
      bar: 'printed',
      floor: `${number(bare.perSecond, 0)} for a server that does nothing; ${number(throughput.clicks.cpuMilliseconds)} ms CPU of the tracker`,
    },
    ...(against === undefined ? [] : comparison(against)),
    {
      what: `until all ${number(throughput.postbacks, 0)} are settled and delivered`,
      measured: `${number(throughput.drainedSeconds, 1)} s after the last answer`,
      bar: 'printed',
      floor: `${number(throughput.halfRateDrainedSeconds, 1)} s when they come half as fast`,
    },
  ];
}

/** The comparison with another revision, in the same run. */
function comparison({ revision, ours, theirs }: Against): Row[] {
  const row = (what: string, our: number, their: number, bar: string, met: (ratio: number) => boolean): Row => ({
    what: `${what}, times that of ${revision}`,
    measured: number(our / their),
    bar,
    met: met(our / their),
    floor: `${number(our)} against ${number(their)}, in the same run`,
  });
  return [
    row('CPU of receiver and processor', ours.functionsCpuMilliseconds, theirs.functionsCpuMilliseconds, '<= 0.5', (ratio) => ratio <= 0.5),
    row('accepted postbacks/s', ours.acceptedPerSecond, theirs.acceptedPerSecond, '>= 2.5', (ratio) => ratio >= 2.5),
    row('p99 at half of the rate', ours.halfRateP99Milliseconds, theirs.halfRateP99Milliseconds, '<= 1', (ratio) => ratio <= 1),
  ];
}

/** The threads that use more than a minimum. */
function cpuText(cpu: Throughput['cpu']): string {
  const threads = [...cpu].filter(([, milliseconds]) => milliseconds >= 0.2).sort(([, a], [, b]) => b - a);
  return threads.map(([name, milliseconds]) => `${name} ${number(milliseconds)}`).join(', ');
}

/** The generated part of docs/performance.md. */
export function reportOf(figures: Figures): string {
  const { units, alone, flatness, bundles, lists } = figures;
  const [processor] = cpus();
  return [
    table(
      ['what', 'measured', 'bar', '', 'floor or anchor'],
      rowsOf(figures).map(({ what, measured, bar, met, floor }) => [
        what,
        measured,
        bar,
        met === undefined ? '' : met ? 'met' : '**missed**',
        floor,
      ]),
    ),
    `Measured in ${number(figures.seconds, 0)} s on ${availableParallelism()} cores (${processor?.model.trim() ?? 'unknown'}), Node ${process.version}. Times say how parts of one run compare, and nothing about Lambda.`,
    '### Where the units go',
    'For one postback, in batches of ten. An index is written after its slash.',
    table(['leg', 'write units', 'read units', 'requests to SQS'], legsTable(units)),
    'At a trickle, when every message is a batch of its own, the counters of a batch are not shared and cost as much as a row. The settlement makes the first attempt of a lone delivery itself, if the endpoint is quick:',
    `${number(alone.writeUnits)} write units, ${number(alone.readUnits)} read units, ${number(alone.sqsRequests)} requests to SQS, ${number(alone.invocations)} invocations, ${dollars(costOf(alone).dollars)} per million.`,
    reconcilingOf(units),
    `The health of publishers' endpoints, which an instance asks once a second however much it delivers, is in none of these: ${number(units.healthReadUnits)} read units in the whole run.`,
    '### Where the dollars go',
    `For a million postbacks, ${priceList.region}, on demand, without free tiers.`,
    costTable(costOf(units)),
    '### Flatness',
    table(
      ['conversions stored', 'units', 'requests', 'ms (this machine)'],
      [flatness.few, flatness.many].map((work) => [
        number(work.stored, 0),
        number(work.units),
        number(work.requests),
        number(work.milliseconds, 1),
      ]),
    ),
    '### Lists',
    `One page of each list of the admin API with ${amountsText(lists.few)} stored, and with ${amountsText(lists.many)}: medians, in ms on this machine.`,
    listsTable(lists),
    '### The bundle',
    table(
      ['bundle', 'KB', 'import, ms'],
      [
        ['receiver', number(bundles.receiver.kilobytes, 0), number(bundles.receiver.importMilliseconds, 0)],
        ['the three SDK clients alone', number(bundles.clientsOnly.kilobytes, 0), number(bundles.clientsOnly.importMilliseconds, 0)],
        [
          'the three SDK clients, bundled like the receiver',
          number(bundles.clientsLikeReceiver.kilobytes, 0),
          number(bundles.clientsLikeReceiver.importMilliseconds, 0),
        ],
      ],
    ),
    '### Cost by rate',
    rateTable(costOf(units)),
  ].join('\n\n');
}

function amountsText({ conversions, logs }: Lists['many']): string {
  return `${number(conversions, 0)} conversions and ${number(logs, 0)} log entries`;
}

function listsTable({ times }: Lists): string {
  const rows = times.map(({ what, fewMilliseconds, manyMilliseconds, growth }) => [
    what,
    number(fewMilliseconds, 1),
    number(manyMilliseconds, 1),
    number(growth),
  ]);
  return table(['list', 'with few', 'with many', 'times'], rows);
}

function legsTable({ measured }: Units): string[][] {
  return (['receive', 'settle', 'forward'] as const).map((leg) => {
    const per = (units: ReadonlyMap<string, number>) =>
      [...units].map(([name, amount]) => `${name} ${number(amount / measured.postbacks)}`).join(', ') || 'none';
    const requests = new Map(Object.entries(measured[leg].sqs));
    return [leg, per(byTable(measured[leg], 'writeUnits')), per(byTable(measured[leg], 'readUnits')), per(requests)];
  });
}

function costTable({ parts, dollars: sum }: Cost): string {
  return table(
    ['part', 'for one postback', 'dollars'],
    [...parts.map((part) => [part.what, part.quantity, dollars(part.dollars)]), ['**sum**', '', `**${dollars(sum)}**`]],
  );
}

const secondsInMonth = 30 * 86_400;
/** What a postback leaves stored: log entry, conversion with its indexes, ledger entry, delivery. Assumed, not measured. */
const storedBytes = 5_000;

function rateTable({ dollars: perMillion }: Cost): string {
  const rows = [1, 100, 10_000].map((rate) => {
    const millions = (rate * secondsInMonth) / 1e6;
    const stored = ((millions * 1e6 * storedBytes) / 1e9) * priceList.dynamodb.gigabyteMonth;
    return [number(rate, 0), number(millions, 1), dollars(millions * perMillion), dollars(stored)];
  });
  return table(
    ['postbacks/s, all month', 'millions a month', 'requests, a month', "storage of that month's rows, each month they are kept"],
    rows,
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The additional cost of the sweeper's check a quarter of an hour later. */
function reconcilingOf({ reconciling: { readUnits, quietMinute } }: Units): string {
  const price = priceList.dynamodb.readUnits;
  const [million, month] = [readUnits * price * 1e6, quietMinute * price * 60 * 24 * 30];
  return `Reconciling a postback, a quarter of an hour later, takes ${number(readUnits)} read units more: ${dollars(million)} per million. A minute of the sweeper in which nothing came in takes ${number(quietMinute, 0)}: ${dollars(month)} a month.`;
}
