import type { Conversion } from '../conversion.ts';
import type { EndpointHealth } from '../delivery/circuit.ts';
import type { Attempt, Delivery, Sent } from '../delivery/delivery.ts';
import type { DeliveryFields } from '../delivery/fields.ts';
import type { OfferId, PlacementId, PublisherId } from '../ids.ts';

/**
 * What settling already knows of a delivery, sent along with its message, so that the first attempt need not read the conversion
 * again. A settled step never changes, and an old message is not believed.
 */
export interface Known {
  readonly step: number;
  readonly sequence?: number | undefined;
  readonly log_id: string;
  /** ISO 8601: when it was settled. */
  readonly at: string;
  /** Which of the publisher's postbacks is told; absent: its plain one. */
  readonly postback_id?: string | undefined;
  readonly placement_id?: PlacementId | undefined;
  readonly offer_id: OfferId;
  readonly fields: DeliveryFields;
}

/** What an attempt, or a decision not to make one, changes of a delivery. */
export interface Progress {
  readonly status: Delivery['status'];
  readonly attempt?: Attempt | undefined;
  readonly sent?: Sent | undefined;
  readonly nextAttemptAt?: string | undefined;
  readonly deliveredAt?: string | undefined;
  /** Epoch ms: set aside for it by its postback's rate. */
  readonly reservedFor?: number | undefined;
  /** Epoch ms when the sweeper takes it up; `undefined`: never (held ones wait for their publisher). */
  readonly dueAt?: number | undefined;
}

export interface Outbox {
  /** The conversion, read again consistently when it does not know of the delivery yet. */
  conversion(id: string, deliveryId: string): Promise<Conversion | undefined>;
  /** Consistent read. */
  delivery(id: string): Promise<Delivery | undefined>;
  /** Writes the row of a delivery. `false`: it is there already. */
  create(delivery: Delivery, dueAt: number | undefined): Promise<boolean>;
  /** `false`: another sender has changed it since it was read. */
  advance(delivery: Delivery, progress: Progress): Promise<boolean>;
}

/** By the name that `endpointOf` gives a postback of a publisher. */
export interface Endpoints {
  /** At most a second old. */
  health(endpoint: string): Promise<EndpointHealth>;
  /** Reads, changes and writes back; another writer in between makes it read again. `undefined` from `change`: leave it. */
  update(endpoint: string, change: (health: EndpointHealth) => EndpointHealth | undefined): Promise<boolean>;
  /**
   * Sets aside the next time (epoch ms) that a rate leaves free, if it is at most `horizonMs` away.
   *
   * @returns that time; `reserved: false`: nothing is free until then, and nothing was set aside.
   */
  reserve(
    endpoint: string,
    perSecond: number,
    now: number,
    horizonMs: number,
  ): Promise<{ readonly at: number; readonly reserved: boolean }>;
}

export interface RetryHints {
  /**
   * @param delaySeconds at most 900, the longest delay of the queue.
   * @param hops this message included, how many of its kind led to it without a break.
   */
  retry(
    delivery: Pick<Delivery, 'delivery_id' | 'publisher_id' | 'postback_id'>,
    attempt: number,
    delaySeconds: number,
    hops: number,
  ): Promise<void>;
}

/** A held delivery that may go out again. */
export interface Released {
  readonly deliveryId: string;
  readonly publisher: PublisherId;
  readonly postbackId?: string | undefined;
  /** So that a publisher that comes back is not run over. */
  readonly delaySeconds: number;
}

export interface ReleaseHints {
  release(released: readonly Released[]): Promise<void>;
}

/** Deliveries that wait for their endpoint to be resumed. */
export interface HeldDeliveries {
  /** Ids of held deliveries, oldest first. */
  held(endpoint: string, most: number): Promise<readonly string[]>;
  /** Back to scheduled, due at the time (epoch ms). */
  schedule(deliveryId: string, at: number): Promise<void>;
  /** Has the sweeper go on releasing at the time (epoch ms); `undefined`: the release is finished. */
  continueAt(endpoint: string, at: number | undefined): Promise<void>;
}

export interface DueWork {
  /** Calls back with pages of deliveries that are due, until there are no more or the callback says `false`. */
  deliveries(now: number, page: (due: readonly DueDelivery[]) => Promise<boolean>): Promise<void>;
}

interface DueDelivery {
  readonly deliveryId: string;
  readonly publisher: PublisherId;
  /** It is not a delivery: the held ones of this endpoint are being released. */
  readonly release?: string | undefined;
}

export interface SweepHints {
  conversions(ids: readonly string[]): Promise<void>;
  deliveries(due: readonly DueDelivery[]): Promise<void>;
}
