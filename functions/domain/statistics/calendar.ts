/**
 * Counters are kept by quarters of an hour. Today every time zone's offset is a multiple of that, so days and hours are exact in any zone.
 */
export const quarterMs = 900_000;
export const dayMs = 86_400_000;
/**
 * How long after its end a day or month may still change, because of commits that were running and clocks that are behind. After that it is
 * final.
 */
export const settledAfterMs = 3_600_000;

/** Days and hours in the local time of a zone. Instants are epoch milliseconds. */
export interface Calendar {
  /** `YYYY-MM-DD`. */
  dayOf(at: number): string;
  /** The local hour with its offset, so that an hour which occurs twice in a night is two: `2026-10-25T02:00:00+02:00`. */
  hourOf(at: number): string;
  /**
   * When a day begins: the first quarter of an hour that belongs to it. Where clocks change at midnight, a day may begin at one o'clock.
   */
  startOf(day: string): number;
}

/** @param timezone an IANA name such as `Europe/Berlin`. @throws RangeError for an unknown one. */
export function calendarOf(timezone: string): Calendar {
  // The Swedish format of a time is nearly that of ISO 8601.
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
  /** `YYYY-MM-DD HH:MM` of the quarter in which the instant is. */
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
      // No zone is more than 14 hours from UTC.
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

/** Every quarter that begins between two instants; the first one may contain `from`. */
export function* quartersBetween(from: number, to: number): Generator<number> {
  for (let at = quarterOf(from); at < to; at += quarterMs) yield at;
}

/** The day that many days later in the calendar, whatever the clocks do. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
}

/** The days from one to another, both included; none when the order is reversed. */
export function daysFrom(first: string, last: string): string[] {
  const length = Math.round((Date.parse(last) - Date.parse(first)) / dayMs) + 1;
  return Array.from({ length: Math.max(0, length) }, (_, index) => addDays(first, index));
}

function offsetText(ms: number): string {
  const minutes = Math.abs(ms) / 60_000;
  const digits = (number: number): string => String(number).padStart(2, '0');
  return `${ms < 0 ? '-' : '+'}${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`;
}
