import type { KeyReader } from '../adapters/dynamo/key-store.ts';
import type { Alerts } from '../domain/alerting/alert.ts';
import { budgets, byteLength } from '../domain/byte-budget.ts';
import { errorCodes, type PostbackErrorCode } from '../domain/codes.ts';
import type { PostbackKey } from '../domain/keys.ts';
import type { LogEntry, Outcome } from '../domain/log-entry.ts';
import { carriedSecrets } from '../domain/networks/carried-secrets.ts';
import { isPing } from '../domain/postback/ping.ts';
import type { InboundRequest } from '../domain/postback/postback.ts';
import { announceTaken } from '../domain/receiving/announce-taken.ts';
import { type HiddenKeyPorts, keyFormsIn } from '../domain/receiving/hidden-keys.ts';
import type { Hints } from '../domain/receiving/ports.ts';
import { rawRequest } from '../domain/receiving/raw-request.ts';
import { type Taken, type TakingPorts, takePostback } from '../domain/receiving/take-postback.ts';
import type { Partner } from '../domain/settings.ts';
import type { LogEvent } from '../runtime/logger.ts';
import type { KeyFinder } from './find-key.ts';
import type { SharedRate } from './shared-rate.ts';

export interface ReceiverDependencies extends TakingPorts {
  readonly keys: Pick<KeyReader, 'noteUse'>;
  readonly hints: Hints;
  readonly alerts: Pick<Alerts, 'wanted' | 'raise'>;
  readonly findKey: KeyFinder;
  readonly hiddenKeys: HiddenKeyPorts;
  readonly encodeBody: (body: Uint8Array) => string;
  /** Whether the key is within its rate in this instance. */
  readonly withinKeyRate: (key: string, now: number) => boolean;
  /** The rate of each key over all instances. */
  readonly sharedRate: SharedRate;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly warn: (event: LogEvent, error: unknown) => void;
}

/** An inbound request; its method may be one that we refuse. */
export interface Call {
  readonly key: string;
  readonly request: InboundRequest;
  /** The method as it was sent. */
  readonly method: string;
  /** Whether it came to the older path, with the key as a header or a parameter (contract 1.9). */
  readonly olderAddress: boolean;
}

export interface Reply extends Outcome {
  readonly logId: string;
  /** Absent when the key is unknown. */
  readonly partner?: Partner | undefined;
  /** What the postback was read as; absent when it was not read. */
  readonly understanding?: Taken['understanding'];
}

const largestBody = 64 * 1024;
const longestMethod = 16;

/** Whether the head is larger than any gateway lets through: what is kept of a request must fit into a row. */
function hasLargeHead({ path, rawQuery, headers }: InboundRequest): boolean {
  const head = [path, rawQuery, ...Object.entries(headers).flat()];
  return head.reduce((sum, text) => sum + text.length, 0) * 3 > budgets.requestHead && byteLength(head.join('')) > budgets.requestHead;
}

/**
 * Receives one postback (contract section 1): key, signature, meaning, click, decision, one commit, then the hint to settle. It returns a
 * success only for what is stored durably. When we fail, it returns `unavailable`, and the partner can safely send it again.
 */
export async function receivePostback(dependencies: ReceiverDependencies, call: Call): Promise<Reply> {
  const now = dependencies.now();
  const logId = dependencies.newId();
  try {
    const key = await dependencies.findKey(call.key, call.request.sourceAddress, now);
    // Requests with an unknown key are counted and logged without their parameters (contract 1.7), and whoever guesses keys is slowed down.
    if (key === 'too_many') return refusal(logId, 'rate_limited');
    const partner = key === 'unknown' ? undefined : await dependencies.settings.partner(key.partner_id);
    if (key === 'unknown' || partner === undefined) {
      return refusal(logId, call.method === 'GET' || call.method === 'POST' ? 'invalid_key' : 'method_not_allowed');
    }
    if (!dependencies.withinKeyRate(key.key_id, now) || !dependencies.sharedRate.within(key.key_id, now))
      return { ...refusal(logId, 'rate_limited'), partner };
    const recorded = await process(dependencies, call, key, partner, logId, now);
    return { ...recorded, logId, partner };
  } catch (error) {
    dependencies.warn('postback_unavailable', error);
    return refusal(logId, 'unavailable');
  }
}

async function process(
  dependencies: ReceiverDependencies,
  call: Call,
  key: PostbackKey,
  partner: Partner,
  logId: string,
  now: number,
): Promise<Pick<Taken, keyof Outcome | 'understanding'>> {
  // These run beside the work and end with it, because Lambda freezes an instance as soon as it has answered.
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
): Promise<Pick<Taken, keyof Outcome | 'understanding'>> {
  const { olderAddress } = call;
  const largeHead = hasLargeHead(call.request);
  const large = call.request.body.length > largestBody || largeHead;
  const carried = await carriedSecrets(dependencies.understanding, partner, call.request);
  const request = {
    ...call.request,
    secrets: large ? carried : [...carried, ...(await keyFormsIn(call.request, dependencies.hiddenKeys))],
  };
  const { eventSegment: _event, ...headless } = { ...request, rawQuery: '', headers: {}, path: '', body: new Uint8Array() };
  const kept = largeHead ? headless : large ? { ...request, body: new Uint8Array() } : request;
  const blank: LogEntry = {
    log_id: logId,
    partner_id: partner.partner_id,
    key_id: key.key_id,
    received_at: new Date(now).toISOString(),
    result: 'error',
    flags: [],
    custom_data: {},
    staging: key.label === 'staging' ? true : undefined,
    raw: { ...rawRequest(kept, dependencies.encodeBody), method: call.method.slice(0, longestMethod) },
  };
  const refuse = async (code: PostbackErrorCode): Promise<Outcome> => {
    const outcome = { result: 'error', code, message: errorCodes[code].message } as const;
    await dependencies.journal.write({ ...blank, ...outcome }, {});
    return outcome;
  };
  if (call.method !== 'GET' && call.method !== 'POST') return refuse('method_not_allowed');
  if (large) return refuse('payload_too_large');
  if (isPing(request, olderAddress)) {
    await dependencies.journal.write({ ...blank, result: 'test' }, {});
    return { result: 'test' };
  }
  const taken = await takePostback(dependencies, { partner, request, olderAddress, blank, now });
  await announceTaken(dependencies, taken);
  return taken;
}

function refusal(logId: string, code: PostbackErrorCode): Reply {
  return { logId, result: 'error', code, message: errorCodes[code].message };
}
