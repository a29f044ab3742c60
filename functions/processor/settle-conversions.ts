import type { Conversion } from '../domain/conversion.ts';
import { conversionFields } from '../domain/delivery/conversion-fields.ts';
import { postbacksFor } from '../domain/delivery/postbacks.ts';
import { type Account, chain, type LedgerEntry } from '../domain/ledger.ts';
import { zero } from '../domain/money.ts';
import type { SettingsReader } from '../domain/receiving/ports.ts';
import { termsOf } from '../domain/revenue-share.ts';
import { settle } from '../domain/settlement.ts';
import { hintsOf } from '../domain/settling/delivery-hints.ts';
import type { AccountEntries, Books, DeliveryHints, ReadySettlement } from '../domain/settling/ports.ts';

import type { LogEvent, Measure } from '../runtime/logger.ts';

export interface SettleDependencies {
  readonly settings: SettingsReader;
  readonly books: Books;
  readonly hints: DeliveryHints;
  readonly now: () => Date;
  readonly newDeliveryId: () => string;
  readonly sleep: (ms: number) => Promise<void>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly warn: (event: LogEvent, error: unknown) => void;
  /** One line for every commit. */
  readonly measure: Measure;
}

/** A message of the conversions queue: this conversion has had so many steps. */
export interface SettleRequest {
  readonly conversionId: string;
  readonly steps: number;
  /** From the sweeper: what was settled but never attempted is queued again. */
  readonly swept?: boolean | undefined;
}

/** Tries to settle one conversion before its message is left for a later delivery. */
const mostTries = 20;
/** Races that a batch may lose before each of its conversions is settled on its own. */
const mostRounds = 8;
/** Conversions settled in one transaction: with their entries and counters they stay under its limit of 100 writes. */
const mostTogether = 10;
const mostWrites = 90;

/**
 * Settles conversions: revenue share, ledger and points (contract section 2). A batch is committed as one transaction, so a hot
 * user's balance is written once for all of them. A race that is lost is run again together: apart, ten would race ten times.
 *
 * @returns the requests that could not be settled now, each with its error; they are tried again later.
 */
export async function settleConversions(
  dependencies: SettleDependencies,
  requests: readonly SettleRequest[],
): Promise<Map<SettleRequest, unknown>> {
  const failed = new Map<SettleRequest, unknown>();
  const newest = new Map<string, SettleRequest>();
  for (const request of requests)
    if (request.steps >= (newest.get(request.conversionId)?.steps ?? 0)) newest.set(request.conversionId, request);

  let open = [...newest.values()];
  for (let round = 0; open.length > 0; round += 1) {
    const together = await prepareAll(dependencies, open, round > 0, failed);
    const ready = together.map((one) => one.ready);
    const outcome = await settleTogether(dependencies, ready, round > 0);
    open = outcome === 'settled' ? [] : together.map(({ request }) => request);
    if (outcome !== 'raced' || round === mostRounds) break;
    await dependencies.sleep(dependencies.random() * Math.min(500, 20 * 2 ** round));
  }
  // One after another where they share a user: they would only race one another.
  for (const request of open) {
    try {
      await settleAlone(dependencies, request);
    } catch (error) {
      failed.set(request, error);
    }
  }
  for (const request of requests) {
    const settled = newest.get(request.conversionId);
    if (settled !== undefined && failed.has(settled)) failed.set(request, failed.get(settled));
  }
  return failed;
}

interface Prepared {
  readonly request: SettleRequest;
  readonly ready: ReadySettlement;
}

/** Those of the requests that have something to settle. @param again a race was lost: what is stored is read consistently. */
async function prepareAll(
  dependencies: SettleDependencies,
  requests: readonly SettleRequest[],
  again: boolean,
  failed: Map<SettleRequest, unknown>,
): Promise<Prepared[]> {
  const prepared = await Promise.all(
    requests.map(async (request): Promise<Prepared[]> => {
      try {
        const ready = await prepare(dependencies, again ? { ...request, steps: Number.POSITIVE_INFINITY } : request);
        return ready === undefined ? [] : [{ request, ready }];
      } catch (error) {
        failed.set(request, error);
        return [];
      }
    }),
  );
  return prepared.flat();
}

/** `raced`: a row has changed since it was read, and nothing was written. `apart`: each is to be settled on its own. */
async function settleTogether(
  dependencies: SettleDependencies,
  ready: readonly ReadySettlement[],
  consistent: boolean,
): Promise<'settled' | 'raced' | 'apart'> {
  if (ready.length === 0) return 'settled';
  const writes = ready.reduce((sum, { settled }) => sum + 2 + (settled === 'held' ? 0 : settled.credits.length), 0);
  if (ready.length > mostTogether || writes > mostWrites) return 'apart';
  try {
    if (!(await commit(dependencies, ready, consistent))) return 'raced';
  } catch (error) {
    // Its outcome may be unknown: settling each alone reads what is there.
    dependencies.warn('settle_together_failed', error);
    return 'apart';
  }
  // A conversion of very many steps settles a part at a time.
  const whole = ready.every(
    ({ conversion, settled }) =>
      settled === 'held' || conversion.settlements.length + settled.settlements.length === conversion.steps.length,
  );
  return whole ? 'settled' : 'apart';
}

async function settleAlone(dependencies: SettleDependencies, request: SettleRequest): Promise<void> {
  for (let tried = 0; tried < mostTries; tried += 1) {
    const ready = await prepare(dependencies, { ...request, steps: Number.POSITIVE_INFINITY });
    if (ready === undefined) return;
    if (!(await commit(dependencies, [ready], true))) await dependencies.sleep(dependencies.random() * Math.min(500, 10 * 2 ** tried));
  }
  throw new Error(`${request.conversionId} kept changing while it was settled`);
}

/** Reads what is needed and decides; `undefined`: there is nothing left to settle. */
async function prepare(
  dependencies: SettleDependencies,
  { conversionId, steps, swept }: SettleRequest,
): Promise<ReadySettlement | undefined> {
  const { settings, books, now, newDeliveryId } = dependencies;
  const conversion = await books.conversion(conversionId, swept ? Number.POSITIVE_INFINITY : steps);
  if (conversion === undefined) throw new Error(`there is no conversion ${conversionId}`);
  if (conversion.settlements.length >= conversion.steps.length) {
    if (swept) await revive(dependencies, conversion);
    return undefined;
  }
  const [offer, publisher, placement] = await Promise.all([
    settings.offer(conversion.offer_id),
    settings.publisher(conversion.publisher_id),
    conversion.placement_id === undefined ? undefined : settings.placement(conversion.placement_id),
  ]);
  if (offer === undefined || publisher === undefined) throw new Error(`the offer or the publisher of ${conversionId} is gone`);
  const terms = termsOf(offer, publisher, conversion.event, placement?.exchange_rate ?? zero.plus(1), conversion.currency);
  const settled = settle(conversion, terms, {
    at: now().toISOString(),
    forwardStatuses: publisher.forward_statuses,
    tell: (settledSoFar, step) => postbacksFor(publisher, placement, conversionFields(settledSoFar, step, offer) ?? {}),
    newDeliveryId,
  });
  return { conversion, settled: settled ?? 'held', account: { publisher: conversion.publisher_id, user: conversion.user_id } };
}

/** What the sweeper found: deliveries whose messages were lost, or a row that is finished and still due. */
async function revive({ books, hints }: SettleDependencies, conversion: Conversion): Promise<void> {
  const { conversion_id: conversionId, publisher_id: publisher, outbox } = conversion;
  if (outbox.size === 0) await books.finish(conversion);
  else {
    const waiting = conversion.settlements
      .flatMap(({ deliveries = [] }) => deliveries)
      .filter(({ delivery_id }) => outbox.has(delivery_id));
    await hints.send(
      waiting.map(({ delivery_id: deliveryId, postback_id: postbackId }) => ({
        deliveryId,
        conversionId,
        publisher,
        postbackId,
        swept: true,
      })),
    );
  }
}

async function commit(dependencies: SettleDependencies, ready: readonly ReadySettlement[], consistent: boolean): Promise<boolean> {
  const at = dependencies.now().toISOString();
  const entries = await Promise.all(groupByAccount(ready).map((group) => chainOf(dependencies.books, group, consistent, at)));
  if (!(await dependencies.books.commit(ready, entries, at))) return false;
  const latencies = ready.flatMap((settlement) => latenciesOf(settlement, at));
  dependencies.measure('settled', { steps: latencies.length }, { SettleLatency: latencies });
  const hints = ready.flatMap(hintsOf);
  try {
    await dependencies.hints.send(hints);
  } catch (error) {
    dependencies.warn('delivery_hint_failed', error);
  }
  return true;
}

function latenciesOf({ conversion, settled }: ReadySettlement, at: string): number[] {
  if (settled === 'held') return [];
  const settledBefore = conversion.settlements.length;
  return conversion.steps
    .slice(settledBefore, settledBefore + settled.settlements.length)
    .map((step) => Math.max(0, Date.parse(at) - Date.parse(step.at)));
}

interface AccountGroup {
  readonly account: Account;
  readonly settlements: ReadySettlement[];
}

function groupByAccount(ready: readonly ReadySettlement[]): AccountGroup[] {
  const groups = new Map<string, AccountGroup>();
  for (const settlement of ready) {
    const name = JSON.stringify(settlement.account);
    const group = groups.get(name) ?? { account: settlement.account, settlements: [] };
    group.settlements.push(settlement);
    groups.set(name, group);
  }
  return [...groups.values()];
}

async function chainOf(books: Books, { account, settlements }: AccountGroup, consistent: boolean, at: string): Promise<AccountEntries> {
  const changes = settlements.flatMap((settlement) => changesOf(settlement, at));
  return { account, entries: changes.length === 0 ? [] : chain(await books.tail(account, consistent), changes) };
}

function changesOf({ conversion, settled }: ReadySettlement, at: string): Omit<LedgerEntry, 'entry' | 'balance'>[] {
  if (settled === 'held') return [];
  return settled.credits
    .filter(({ points, payout }) => !points.eq(0) || !payout.eq(0))
    .map(({ points, payout, status, log_id, reason }) => ({
      points,
      payout,
      status,
      log_id,
      reason,
      at,
      currency: settled.terms.currency,
      conversion_id: conversion.conversion_id,
    }));
}
