import type { DeliveryFilter } from '../../adapters/dynamo/delivery-reader.ts';
import type { Position } from '../../adapters/dynamo/listing.ts';
import { type Delivery, type DeliveryStatus, mostAttemptsKept } from '../../domain/delivery/delivery.ts';
import { whoOf } from '../audit/entry.ts';
import type { Caller } from '../route.ts';
import type { RecordDependencies } from './dependencies.ts';

/** The statuses of deliveries that a bulk resend without a status means: everything undelivered that is not already scheduled. */
const unfinished: readonly DeliveryStatus[] = ['failing', 'held', 'dead', 'no_url'];
/** Deliveries per second of a bulk resend; the limit keeps it from overloading a publisher. */
const perSecond = 20;
const mostAtOnce = 200;

export type Resent = 'resent' | 'already_scheduled' | 'changed' | 'too_many_attempts';

/** Sends one delivery again under its own id, whatever its status (contract section 3). */
export async function resendOne(records: RecordDependencies, delivery: Delivery, caller: Caller): Promise<Resent> {
  if (delivery.status === 'scheduled') return 'already_scheduled';
  if (delivery.attempts.length >= mostAttemptsKept) return 'too_many_attempts';
  const before = { status: delivery.status, attempts: delivery.attempts.length };
  const audited = {
    by: whoOf(caller),
    action: 'delivery.resent',
    kind: 'delivery',
    id: delivery.delivery_id,
    before,
    after: { status: 'scheduled' },
  };
  if (!(await records.resend(delivery, audited))) return 'changed';
  await announceResends(records, [delivery]);
  return 'resent';
}

export interface BulkResend {
  readonly filter: Omit<DeliveryFilter, 'statuses'> & { readonly status?: DeliveryStatus | undefined };
  readonly limit: number;
  readonly after: Position | undefined;
  readonly dryRun: boolean;
}

export interface BulkResent {
  readonly matched: readonly Delivery[];
  /** How many are scheduled now; 0 in a dry run. */
  readonly resent: number;
  readonly next: Position | undefined;
}

/** Sends the deliveries of one page again, newest first; the caller continues at `next`. */
export async function resendMany(
  records: RecordDependencies,
  { filter, limit, after, dryRun }: BulkResend,
  caller: Caller,
): Promise<BulkResent> {
  const { status, ...where } = filter;
  const statuses = status === undefined ? unfinished : [status];
  const page = await records.deliveries.list({ ...where, statuses }, Math.min(limit, mostAtOnce), after);
  // A scheduled delivery will be sent anyway.
  const matched = page.deliveries.filter(({ status: now, attempts }) => now !== 'scheduled' && attempts.length < mostAttemptsKept);
  if (dryRun || matched.length === 0) return { matched, resent: 0, next: page.next };
  // The audit entry is written first, so that a run that stops half-way leaves a trace.
  await records.audit({
    by: whoOf(caller),
    action: 'deliveries.resent',
    kind: 'delivery',
    id: where.publisher ?? 'all',
    after: { ...filter, count: matched.length },
  });
  const scheduled = await Promise.all(matched.map((delivery) => records.resend(delivery, undefined)));
  const resent = matched.filter((_, index) => scheduled[index]);
  await announceResends(records, resent);
  return { matched, resent: resent.length, next: page.next };
}

/** If the messages are lost, nothing else is: the sweeper finds the rows. */
async function announceResends({ hints, warn }: RecordDependencies, deliveries: readonly Delivery[]): Promise<void> {
  try {
    await hints.release(
      deliveries.map(({ delivery_id, publisher_id, postback_id }, index) => ({
        deliveryId: delivery_id,
        publisher: publisher_id,
        postbackId: postback_id,
        delaySeconds: Math.floor(index / perSecond),
      })),
    );
  } catch (error) {
    warn('retry_hint_failed', error);
  }
}
