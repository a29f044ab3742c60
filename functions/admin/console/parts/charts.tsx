import { groupedText, largest, shareOf, sumOf } from '../core/amounts.ts';
import { dayText } from '../core/times.ts';

export interface Series {
  readonly name: string;
  /** The CSS class that colours it, such as `series-1`. */
  readonly look: string;
  /** Decimal text for each day. */
  readonly values: readonly (string | undefined)[];
}

interface DayChartProps {
  readonly title: string;
  readonly days: readonly string[];
  readonly series: readonly Series[];
  /** Whether the bars are stacked instead of side by side. */
  readonly stacked?: boolean;
  /** The text for zero, with the decimals of the other values. */
  readonly nothing?: string;
}

const width = 600;
const height = 160;
/** Space above the highest bar for its value. */
const room = 14;

/** Bars by day. The same data is also there as a table, since a screen reader cannot read a chart. */
export function DayChart({ title, days, series, stacked = false, nothing = '0' }: DayChartProps) {
  const totals = days.map((_, day) =>
    stacked ? sumOf(series.map(({ values }) => values[day] ?? '0')) : largest(series.map(({ values }) => values[day] ?? '0')),
  );
  const top = largest(totals);
  const slot = width / Math.max(1, days.length);
  const gap = Math.min(8, slot * 0.25);
  const every = Math.ceil(days.length / 7);
  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span>
        <span class="legend">
          {series.map(({ name, look }) => (
            <span key={name}>
              <span class={`swatch ${look}`} aria-hidden="true" /> {name}
            </span>
          ))}
        </span>
      </figcaption>
      <div class="plot">
        <span class="top" aria-hidden="true">
          {groupedText(top)}
        </span>
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          <line class="axis" x1="0" x2={width} y1={room} y2={room} />
          <line class="axis" x1="0" x2={width} y1={height} y2={height} />
          {days.map((day, index) => (
            <g key={day}>
              <title>{`${dayText(day)}: ${series.map(({ name, values }) => `${name} ${groupedText(values[index] ?? nothing)}`).join(', ')}`}</title>
              <rect class="hover" x={index * slot} y={0} width={slot} height={height} />
              {bars(series, index, top, stacked).map(({ look, share, offset, part, parts }) => (
                <rect
                  key={look}
                  class={look}
                  x={index * slot + gap / 2 + (part * (slot - gap)) / parts}
                  width={(slot - gap) / parts}
                  y={height - (offset + share) * (height - room)}
                  height={share * (height - room)}
                  rx="2"
                />
              ))}
            </g>
          ))}
        </svg>
      </div>
      <div class="ticks" aria-hidden="true">
        {days.map((day, index) => (
          <span key={day} class={(days.length - 1 - index) % (every * 2) === 0 ? 'tick' : 'tick minor'}>
            {(days.length - 1 - index) % every === 0 && dayText(day)}
          </span>
        ))}
      </div>
      <details class="more">
        <summary>As a table</summary>
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Day</th>
              {series.map(({ name }) => (
                <th key={name} scope="col" class="end">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day, index) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                {series.map(({ name, values }) => (
                  <td key={name} class="end">
                    {groupedText(values[index] ?? nothing)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

function bars(series: readonly Series[], day: number, top: string, stacked: boolean) {
  let offset = 0;
  return series.map(({ look, values }, part) => {
    const share = shareOf(values[day] ?? '0', top);
    const bar = { look, share, offset: stacked ? offset : 0, part: stacked ? 0 : part, parts: stacked ? 1 : series.length };
    offset += share;
    return bar;
  });
}

/** A row's days as small bars: what was approved, and below the same line what was reversed. The numbers are beside it. */
export function Sparkline({ good, bad }: { readonly good: readonly number[]; readonly bad: readonly number[] }) {
  const top = Math.max(1, ...good, ...bad);
  const bar = (value: number) => (value / top) * 10;
  return (
    <svg class="spark" viewBox={`0 0 ${Math.max(1, good.length) * 4} 20`} preserveAspectRatio="none" aria-hidden="true">
      {good.map((value, index) => (
        <rect key={index} class="look-good" x={index * 4} width="3" y={10 - bar(value)} height={bar(value)} />
      ))}
      {bad.map((value, index) => (
        <rect key={index} class="look-bad" x={index * 4} width="3" y="10" height={bar(value)} />
      ))}
    </svg>
  );
}
