export const alertEvents = [
  'endpoint.failing',
  'endpoint.paused',
  'delivery.dead',
  'partner.silent',
  'partner.held_rate',
  'partner.reversal_rate',
  'partner.signature_failures',
  'cap.reached',
  'reconciliation.gap',
] as const;
type AlertEvent = (typeof alertEvents)[number];

/** A subscription to events that somebody wants to be notified of (contract 3.1). */
export interface Alert {
  readonly alert_id: string;
  readonly name: string;
  /** Where it is sent: exactly one of the two is set. */
  readonly url?: string | undefined;
  readonly email?: string | undefined;
  readonly events: readonly AlertEvent[];
  /** Only causes about this partner or publisher. */
  readonly partner_id?: string | undefined;
  readonly publisher_id?: string | undefined;
  /** URL of the deployment's console, for the links in the notification. */
  readonly console_url: string;
  /** Sealed `whsec_…` secrets. */
  readonly secrets: readonly string[];
}

/** Something that happened and that an alert may be raised for. */
export interface Cause {
  readonly event: AlertEvent;
  /** What it is about: the same event about the same thing raises an alert only once an hour. */
  readonly about: string;
  readonly partner_id?: string | undefined;
  readonly publisher_id?: string | undefined;
  /** What happened and how much, as one sentence. */
  readonly says: string;
  /** Page of the console, such as `publishers/P`. */
  readonly page: string;
  /** The numbers in the sentence. */
  readonly data: Readonly<Record<string, string | number>>;
}

/** Notifies those who subscribed, through the same engine that makes every delivery (contract 3.1). */
export interface Alerts {
  /** One by its id. */
  find(id: string): Promise<Alert | undefined>;
  /** Whether anybody has subscribed to one of these events. */
  wanted(events: readonly Cause['event'][]): Promise<boolean>;
  /** Delivers the cause to each alert that it concerns, at most once an hour. */
  raise(cause: Cause): Promise<void>;
}

/** Whether an alert is about a cause. */
export function concerns({ events, partner_id, publisher_id }: Alert, cause: Cause): boolean {
  const fits = (wanted: string | undefined, is: string | undefined): boolean => wanted === undefined || wanted === is;
  return events.includes(cause.event) && fits(partner_id, cause.partner_id) && fits(publisher_id, cause.publisher_id);
}

/**
 * The body that is sent: JSON of `type`, `timestamp`, `data` and `text`. A chat's incoming webhook shows the `text`.
 *
 * @param at ISO 8601.
 */
export function alertBody({ console_url }: Alert, { event, about, partner_id, publisher_id, says, page, data }: Cause, at: string): string {
  const url = `${console_url}#/${page}`;
  const named = { ...(partner_id === undefined ? {} : { partner_id }), ...(publisher_id === undefined ? {} : { publisher_id }) };
  return JSON.stringify({ type: event, timestamp: at, data: { about, ...named, ...data, url }, text: `${says} ${url}` });
}
