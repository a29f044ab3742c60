const short = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const withYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A time in the reader's time zone, with the year unless it is the current one. */
export function timeText(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return (time.getFullYear() === new Date().getFullYear() ? short : withYear).format(time);
}

/** `2026-11-24T13:45:00` in the reader's time zone, as an input field expects it. */
export function localText(iso: string | null): string {
  if (iso === null) return '';
  const time = new Date(iso);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** `2 d 4 h`, `5 min`, `12 s`. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.round((seconds % 3_600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.round((seconds % 86_400) / 3_600)} h`;
}

/** `24 Nov` for the day `2026-11-24`. */
export function dayText(day: string): string {
  const time = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(time.getTime())
    ? day
    : new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(time);
}

/** `0.42 s`, `3 s`, `5 min`: the time from one instant to another; `undefined` when the second is not later. */
export function elapsedText(from: string, to: string): string | undefined {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1_000;
  if (!(seconds >= 0)) return undefined;
  return seconds < 10 ? `${seconds.toFixed(2)} s` : durationText(seconds);
}
