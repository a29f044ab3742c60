import { type Conversion, isSettled, shownStatus, stepsOf } from '../domain/conversion.ts';
import { conversionFields } from '../domain/delivery/conversion-fields.ts';
import { postbacksFor } from '../domain/delivery/postbacks.ts';
import { type Account, chain, type LedgerEntry } from '../domain/ledger.ts';
import { zero } from '../domain/money.ts';
import type { SettingsReader } from '../domain/receiving/ports.ts';
import { termsOf } from '../domain/revenue-share.ts';
import { type SettleOptions, settle } from '../domain/settlement.ts';
import { hintsOf } from '../domain/settling/delivery-hints.ts';
import type { AccountEntries, Books, DeliveryHints, ReadySettlement } from '../domain/settling/ports.ts';
import { releaseDue } from '../domain/settling/release.ts';

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
  /** Logs one line for every commit. */
  readonly measure: Measure;
}

/** A message of the conversions queue: this conversion has at least this revision; absent: the sender does not know. */
export interface SettleRequest {
  readonly conversionId: string;
  readonly revision?: number | undefined;
  /**
   * The conversion as it was written at that revision, used while it is fresh. The commit's condition decides whether it is still current.
   */
  readonly known?: Conversion | undefined;
  /** Whether somebody may have worked on the message before. */
  readonly repeated?: boolean | undefined;
}

/** The most tries to settle one conversion. After them the queue sends its message again later. */
const mostTries = 20;
/** The most races that a batch may lose. After them each of its conversions is settled on its own. */
const mostRounds = 8;
/** The most conversions that are settled in one transaction: with their entries and counters they stay under its limit of 100 writes. */
const mostTogether = 10;
const mostWrites = 90;
/** Messages usually come within seconds. When one is older than this, something is wrong. */
const freshMs = 60_000;

/**
 * Settles conversions: revenue share, ledger and points (contract section 2). A batch is committed as one transaction, so the balance of a
 * busy user is written once for all of them. A batch that loses a race tries again as a whole, because ten conversions on their own would
 * race ten times.
 *
 * @returns the requests that could not be settled now, each with its error; the queue sends them again later.
 */
export async function settleConversions(
  dependencies: SettleDependencies,
  requests: readonly SettleRequest[],
): Promise<Map<SettleRequest, unknown>> {
  const failed = new Map<SettleRequest, unknown>();
  const newest = new Map<string, SettleRequest>();
  for (const request of requests)
    if (atLeast(request) >= atLeast(newest.get(request.conversionId))) newest.set(request.conversionId, request);

  let open = [...newest.values()];
  for (let round = 0; open.length > 0; round += 1) {
    const at = dependencies.now().toISOString();
    const together = await prepareAll(dependencies, open, { at, again: round > 0 }, failed);
    const ready = together.map((one) => one.ready);
    const outcome = await settleTogether(dependencies, ready, { at, again: round > 0 });
    open = outcome === 'settled' ? [] : together.map(({ request }) => request);
    if (outcome !== 'raced' || round === mostRounds) break;
    await dependencies.sleep(dependencies.random() * Math.min(500, 20 * 2 ** round));
  }
  // One after another, because conversions of the same user would only race one another.
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

function atLeast(request: SettleRequest | undefined): number {
  return request === undefined ? 0 : (request.revision ?? Number.POSITIVE_INFINITY);
}

interface Prepared {
  readonly request: SettleRequest;
  readonly ready: ReadySettlement;
}

interface Round {
  /** ISO 8601: the time of everything in the round, in the conversions, in the ledger and in the counters. */
  readonly at: string;
  /** Whether a race was lost before; then everything is read consistently. */
  readonly again: boolean;
}

/** Prepares those of the requests that have something to settle. */
async function prepareAll(
  dependencies: SettleDependencies,
  requests: readonly SettleRequest[],
  { at, again }: Round,
  failed: Map<SettleRequest, unknown>,
): Promise<Prepared[]> {
  const found = await readTogether(dependencies, requests, again);
  const prepared = await Promise.all(
    requests.map(async (request): Promise<Prepared[]> => {
      try {
        const ready = await prepare(dependencies, request, at, found.get(request.conversionId));
        return ready === undefined ? [] : [{ request, ready }];
      } catch (error) {
        failed.set(request, error);
        return [];
      }
    }),
  );
  return prepared.flat();
}

/** Reads the conversions that the messages do not contain in one go; those that cannot be read in this way are read one by one later. */
async function readTogether(
  { books, warn, now }: SettleDependencies,
  requests: readonly SettleRequest[],
  again: boolean,
): Promise<ReadonlyMap<string, Conversion>> {
  const found = new Map<string, Conversion>();
  for (const request of again ? [] : requests) {
    const known = freshOf(request, now().getTime());
    if (known !== undefined) found.set(known.conversion_id, known);
  }
  const others = requests.filter(({ conversionId }) => !found.has(conversionId));
  try {
    const read = await books.conversions(others.map(({ conversionId: id, revision }) => ({ id, revision: again ? undefined : revision })));
    return new Map([...found, ...read]);
  } catch (error) {
    warn('settle_together_failed', error);
    return found;
  }
}

/**
 * The conversion that the message contains, if it is fresh. That of an old or repeated message is probably outdated, and a refused commit
 * costs more than a read.
 */
function freshOf({ known, conversionId, revision, repeated }: SettleRequest, now: number): Conversion | undefined {
  const last = known?.statements.at(-1);
  if (known === undefined || last === undefined || repeated || now - Date.parse(last.at) > freshMs) return undefined;
  return known.conversion_id === conversionId && known.revision === revision ? known : undefined;
}

/** Returns `raced` when a row has changed since it was read and nothing was written, and `apart` when each is to be settled on its own. */
async function settleTogether(
  dependencies: SettleDependencies,
  ready: readonly ReadySettlement[],
  round: Round,
): Promise<'settled' | 'raced' | 'apart'> {
  if (ready.length === 0) return 'settled';
  const writes = ready.reduce((sum, { settled }) => sum + 3 + settled.credits.length, 0);
  if (ready.length > mostTogether || writes > mostWrites) return 'apart';
  try {
    if (!(await commit(dependencies, ready, round))) return 'raced';
  } catch (error) {
    // It may be unknown whether this was committed. Settling each on its own reads what is stored.
    dependencies.warn('settle_together_failed', error);
    return 'apart';
  }
  // A conversion with very many steps is settled one part at a time.
  const whole = ready.every(
    ({ conversion, settled }) => conversion.settlements.length + settled.settlements.length === stepsOf(conversion).length,
  );
  return whole ? 'settled' : 'apart';
}

async function settleAlone(dependencies: SettleDependencies, request: SettleRequest): Promise<void> {
  for (let tried = 0; tried < mostTries; tried += 1) {
    const round = { at: dependencies.now().toISOString(), again: true };
    const ready = await prepare(dependencies, request, round.at, undefined);
    if (ready === undefined) return;
    if (!(await commit(dependencies, [ready], round))) await dependencies.sleep(dependencies.random() * Math.min(500, 10 * 2 ** tried));
  }
  throw new Error(`${request.conversionId} kept changing while it was settled`);
}

/**
 * Reads what is needed and decides; returns `undefined` when there is nothing left to settle.
 *
 * @throws when a setting that it needs cannot be read; the conversion then waits.
 */
async function prepare(
  { settings, books, newDeliveryId }: SettleDependencies,
  { conversionId }: SettleRequest,
  at: string,
  read: Conversion | undefined,
): Promise<ReadySettlement | undefined> {
  const stored = read ?? (await books.conversion(conversionId));
  if (stored === undefined) throw new Error(`there is no conversion ${conversionId}`);
  const releasing = releaseDue(stored, at);
  const { conversion } = releasing ?? { conversion: stored };
  if (isSettled(conversion)) return undefined;
  const { placement_id } = conversion;
  const [offer, publisher, placement] = await Promise.all([
    settings.offer(conversion.offer_id),
    settings.publisher(conversion.publisher_id),
    placement_id === undefined ? undefined : settings.placement(placement_id),
  ]);
  if (offer === undefined || publisher === undefined) throw new Error(`the offer or the publisher of ${conversionId} is gone`);
  // A rate is never guessed.
  if (placement_id !== undefined && placement === undefined && conversion.terms === undefined)
    throw new Error(`the placement of ${conversionId} cannot be read`);
  const terms = termsOf(offer, publisher, conversion.event, placement?.exchange_rate ?? zero.plus(1), conversion.currency);
  const announce: SettleOptions['announce'] = (step, soFar, index) => {
    if (!publisher.forward_statuses.includes(shownStatus(step))) return [];
    const told = postbacksFor(publisher, placement, conversionFields(soFar, index, undefined, offer) ?? {});
    // If there is no postback, one delivery is still made, which shows that there was no URL.
    const postbacks = told.length > 0 ? told : [{ postback_id: undefined }];
    return postbacks.map(({ postback_id }) => ({ delivery_id: newDeliveryId(), ...(postback_id === undefined ? {} : { postback_id }) }));
  };
  const settled = settle(conversion, terms, { at, announce });
  const account = { publisher: conversion.publisher_id, user: conversion.user_id };
  return { conversion, settled, account, releases: releasing?.approvalLogId };
}

async function commit(dependencies: SettleDependencies, ready: readonly ReadySettlement[], { at, again }: Round): Promise<boolean> {
  const entries = await Promise.all(groupByAccount(ready).map((group) => chainOf(dependencies.books, group, again, at)));
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
  const settledBefore = conversion.settlements.length;
  return stepsOf(conversion)
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
