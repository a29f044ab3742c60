/** Counters are kept by quarters of an hour: the offset of every zone of today is a multiple of one, so days and hours of any zone are exact. */
export const quarterMs = 900_000;
export const dayMs = 86_400_000;
/** So long after its end a day or month may still change: commits that were under way, clocks that are behind. Then it is final. */
export const settledAfterMs = 3_600_000;

/** Days and hours as the clocks of a zone show them. Instants are epoch milliseconds. */
export interface Calendar {
  /** `YYYY-MM-DD`. */
  dayOf(at: number): string;
  /** The hour of the clock, with its offset: an hour that the clocks show twice in a night is two. `2026-10-25T02:00:00+02:00`. */
  hourOf(at: number): string;
  /** When a day begins: the first quarter of an hour that is not before it. Clocks may begin a day at one o'clock. */
  startOf(day: string): number;
}

/** @param timezone of the IANA's names, such as `Europe/Berlin`. @throws RangeError for one that nobody knows. */
export function calendarOf(timezone: string): Calendar {
  // The Swedish way to write a time is nearly that of ISO 8601.
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const known = new Map<number, string>();
  /** `YYYY-MM-DD HH:MM`, of the quarter that it is in. */
  const clockAt = (at: number): string => {
    const quarter = quarterOf(at);
    const clock = known.get(quarter) ?? format.format(quarter);
    known.set(quarter, clock);
    return clock;
  };
  const dayOf = (at: number): string => clockAt(at).slice(0, 10);
  return {
    dayOf,
    hourOf(at) {
      const clock = clockAt(at);
      const offset = offsetText(Date.parse(`${clock.replace(' ', 'T')}Z`) - quarterOf(at));
      return `${clock.slice(0, 10)}T${clock.slice(11, 13)}:00:00${offset}`;
    },
    startOf(day) {
      // No zone is further from UTC than 14 hours.
      let at = Date.parse(day) - 14 * 4 * quarterMs;
      while (dayOf(at) < day) at += quarterMs;
      return at;
    },
  };
}

/** The quarter of an hour that an instant is in. */
export function quarterOf(at: number): number {
  return Math.floor(at / quarterMs) * quarterMs;
}

/** Every quarter that begins from one instant on and before another. */
export function* quartersBetween(from: number, to: number): Generator<number> {
  for (let at = quarterOf(from); at < to; at += quarterMs) yield at;
}

/** So many days later in the calendar, whatever the clocks do. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
}

/** Days from the one to the other, both included; none when they are upside down. */
export function daysFrom(first: string, last: string): string[] {
  const length = Math.round((Date.parse(last) - Date.parse(first)) / dayMs) + 1;
  return Array.from({ length: Math.max(0, length) }, (_, index) => addDays(first, index));
}

function offsetText(ms: number): string {
  const minutes = Math.abs(ms) / 60_000;
  const digits = (number: number): string => String(number).padStart(2, '0');
  return `${ms < 0 ? '-' : '+'}${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`;
}
