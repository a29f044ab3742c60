import type { Conversion } from '../conversion.ts';
import type { EndpointHealth } from '../delivery/circuit.ts';
import type { Attempt, Delivery, Sent } from '../delivery/delivery.ts';
import type { DeliveryFields } from '../delivery/fields.ts';
import type { OfferId, PlacementId, PublisherId } from '../ids.ts';

/**
 * What settling already knows about a delivery. It is sent with the message, so that the first attempt need not read the conversion again.
 * A settled step never changes; an old message is not trusted.
 */
export interface Known {
  readonly step: number;
  readonly sequence?: number | undefined;
  readonly log_id: string;
  /** ISO 8601: when it was settled. */
  readonly at: string;
  /** The publisher's postback that is sent; absent: its plain one. */
  readonly postback_id?: string | undefined;
  readonly placement_id?: PlacementId | undefined;
  readonly offer_id: OfferId;
  readonly fields: DeliveryFields;
}

/** How an attempt, or a decision not to make one, changes a delivery. */
export interface Progress {
  readonly status: Delivery['status'];
  readonly attempt?: Attempt | undefined;
  readonly sent?: Sent | undefined;
  readonly nextAttemptAt?: string | undefined;
  readonly deliveredAt?: string | undefined;
  /** Epoch ms: the time that the rate limit of its postback has reserved for it. */
  readonly reservedFor?: number | undefined;
  /** Epoch ms when the sweeper picks it up; `undefined`: never, since a held one waits for its publisher. */
  readonly dueAt?: number | undefined;
}

export interface Outbox {
  /** The conversion. It is read again consistently if it does not contain the delivery yet. */
  conversion(id: string, deliveryId: string): Promise<Conversion | undefined>;
  /** Consistent read. */
  delivery(id: string): Promise<Delivery | undefined>;
  /** Writes the row of a delivery; `false` when the row already exists. */
  create(delivery: Delivery, dueAt: number | undefined): Promise<boolean>;
  /** Writes the progress; `false` when another sender has changed the delivery since it was read. */
  advance(delivery: Delivery, progress: Progress): Promise<boolean>;
}

/** The endpoints of publishers, by the name that `endpointOf` gives them. */
export interface Endpoints {
  /** The health of an endpoint, at most a second old. */
  health(endpoint: string): Promise<EndpointHealth>;
  /**
   * Reads the health, changes it and writes it back; if another writer comes in between, it reads again. When `change` returns `undefined`,
   * nothing is written.
   */
  update(endpoint: string, change: (health: EndpointHealth) => EndpointHealth | undefined): Promise<boolean>;
  /**
   * Reserves the next time (epoch ms) that a rate limit leaves free, if it is at most `horizonMs` away.
   *
   * @returns that time; `reserved: false`: nothing is free until then, and nothing was reserved.
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
   * @param hops how many messages of this kind have followed one another without a break, including this one.
   */
  retry(
    delivery: Pick<Delivery, 'delivery_id' | 'publisher_id' | 'postback_id'>,
    attempt: number,
    delaySeconds: number,
    hops: number,
  ): Promise<void>;
}

/** A held delivery that may be sent again. */
export interface Released {
  readonly deliveryId: string;
  readonly publisher: PublisherId;
  readonly postbackId?: string | undefined;
  /** Deliveries are spread over time, so that a publisher that comes back is not overloaded. */
  readonly delaySeconds: number;
}

export interface ReleaseHints {
  release(released: readonly Released[]): Promise<void>;
}

/** Deliveries that wait for their endpoint to be resumed. */
export interface HeldDeliveries {
  /** Ids of held deliveries, oldest first. */
  held(endpoint: string, most: number): Promise<readonly string[]>;
  /** Sets a delivery back to `scheduled`, due at the given time (epoch ms). */
  schedule(deliveryId: string, at: number): Promise<void>;
  /** Makes the sweeper continue the release at the given time (epoch ms); `undefined`: the release is finished. */
  continueAt(endpoint: string, at: number | undefined): Promise<void>;
}

export interface DueWork {
  /** Calls back with pages of due deliveries, until there are no more or the callback returns `false`. */
  deliveries(now: number, page: (due: readonly DueDelivery[]) => Promise<boolean>): Promise<void>;
}

interface DueDelivery {
  readonly deliveryId: string;
  readonly publisher: PublisherId;
  /** Set when this is not a delivery but an endpoint whose held deliveries are being released. */
  readonly release?: string | undefined;
}

export interface SweepHints {
  conversions(ids: readonly string[]): Promise<void>;
  deliveries(due: readonly DueDelivery[]): Promise<void>;
}
