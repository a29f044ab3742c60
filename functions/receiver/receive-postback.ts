import type { KeyReader } from '../adapters/dynamo/key-store.ts';
import { errorCodes, type PostbackErrorCode } from '../domain/codes.ts';
import { isLive, keyPattern, type PostbackKey } from '../domain/keys.ts';
import type { LogEntry, Outcome } from '../domain/log-entry.ts';
import type { InboundRequest } from '../domain/postback/postback.ts';
import type { Hints } from '../domain/receiving/ports.ts';
import { rawRequest } from '../domain/receiving/raw-request.ts';
import { announce, type TakingPorts, takePostback } from '../domain/receiving/take-postback.ts';
import type { Partner } from '../domain/settings.ts';
import type { LogEvent } from '../runtime/logger.ts';
import type { SharedRate } from './shared-rate.ts';

export interface ReceiverDependencies extends TakingPorts {
  readonly keys: KeyReader;
  readonly hints: Hints;
  readonly hashKey: (key: string) => string;
  readonly encodeBody: (body: Uint8Array) => string;
  /** Of this instance alone. */
  readonly withinKeyRate: (key: string, now: number) => boolean;
  /** Of all instances together. */
  readonly sharedRate: SharedRate;
  readonly withinUnknownRate: (address: string, now: number) => boolean;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly warn: (event: LogEvent, error: unknown) => void;
}

/** An inbound request; the method may be one that is refused. */
export interface Call {
  readonly key: string;
  readonly request: InboundRequest;
  /** The method as sent. */
  readonly method: string;
  /** It came to the older address, with the key as a parameter (contract 1.9). */
  readonly olderAddress: boolean;
}

export interface Reply extends Outcome {
  readonly logId: string;
  /** Absent when the key is unknown. */
  readonly partner?: Partner | undefined;
}

const largestBody = 64 * 1024;

/**
 * Receives one postback (contract section 1): key, signature, meaning, click, decision, one commit, then the hint to settle.
 * A success is returned only for what is durable; a failure of ours is `unavailable`, which is safe to send again.
 */
export async function receivePostback(dependencies: ReceiverDependencies, call: Call): Promise<Reply> {
  const now = dependencies.now();
  const logId = dependencies.newId();
  try {
    const known = await findKey(dependencies, call.key, now);
    if (known === undefined) {
      if (call.method !== 'GET' && call.method !== 'POST') return refusal(logId, 'method_not_allowed');
      return unknownKey(dependencies, call, logId, now);
    }
    const { key, partner } = known;
    if (!dependencies.withinKeyRate(key.key_id, now) || !dependencies.sharedRate.within(key.key_id, now))
      return { ...refusal(logId, 'rate_limited'), partner };
    const recorded = await process(dependencies, call, key, partner, logId, now);
    return { result: recorded.result, code: recorded.code, message: recorded.message, logId, partner };
  } catch (error) {
    dependencies.warn('postback_unavailable', error);
    return refusal(logId, 'unavailable');
  }
}

async function findKey(
  { keys, settings, hashKey }: ReceiverDependencies,
  text: string,
  now: number,
): Promise<{ key: PostbackKey; partner: Partner } | undefined> {
  if (!keyPattern.test(text)) return undefined;
  const key = await keys.find(hashKey(text));
  if (key === undefined || !isLive(key, now)) return undefined;
  const partner = await settings.partner(key.partner_id);
  return partner === undefined ? undefined : { key, partner };
}

/** Counted and logged without parameters (contract 1.7); an address that guesses keys is slowed down. */
function unknownKey({ withinUnknownRate }: ReceiverDependencies, { request }: Call, logId: string, now: number): Reply {
  if (!withinUnknownRate(request.sourceAddress, now)) return refusal(logId, 'rate_limited');
  return refusal(logId, 'invalid_key');
}

async function process(
  dependencies: ReceiverDependencies,
  call: Call,
  key: PostbackKey,
  partner: Partner,
  logId: string,
  now: number,
): Promise<Outcome> {
  // Beside the work, and finished with it: Lambda stops an instance as soon as it has answered.
  const [outcome] = await Promise.all([
    recordPostback(dependencies, call, key, partner, logId, now),
    dependencies.keys.noteUse(key, now).catch((error: unknown) => dependencies.warn('key_use_not_noted', error)),
    dependencies.sharedRate.share(key.key_id, now).catch((error: unknown) => dependencies.warn('key_use_not_noted', error)),
  ]);
  return outcome;
}

async function recordPostback(
  dependencies: ReceiverDependencies,
  call: Call,
  key: PostbackKey,
  partner: Partner,
  logId: string,
  now: number,
): Promise<Outcome> {
  const { request, olderAddress } = call;
  const large = request.body.length > largestBody;
  const blank: LogEntry = {
    log_id: logId,
    partner_id: partner.partner_id,
    key_id: key.key_id,
    received_at: new Date(now).toISOString(),
    result: 'error',
    flags: [],
    custom_data: {},
    staging: key.label === 'staging' ? true : undefined,
    raw: { ...rawRequest(large ? { ...request, body: new Uint8Array() } : request, dependencies.encodeBody), method: call.method },
  };
  const refuse = async (code: PostbackErrorCode): Promise<Outcome> => {
    const outcome = { result: 'error', code, message: errorCodes[code].message } as const;
    await dependencies.journal.record({ ...blank, ...outcome });
    return outcome;
  };
  if (call.method !== 'GET' && call.method !== 'POST') return refuse('method_not_allowed');
  if (large) return refuse('payload_too_large');
  const taken = await takePostback(dependencies, { partner, request, olderAddress, blank, now });
  try {
    await announce(dependencies.hints, taken);
  } catch (error) {
    // It is durable already: a queue that is down costs time, not the conversion (design decision 1).
    dependencies.warn('settle_hint_failed', error);
  }
  return taken;
}

function refusal(logId: string, code: PostbackErrorCode): Reply {
  return { logId, result: 'error', code, message: errorCodes[code].message };
}
