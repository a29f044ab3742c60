import { errorCodes } from '../../domain/codes.ts';
import { openPostback, postbackOf } from '../../domain/delivery/postbacks.ts';
import { buildRequest, type OutboundRequest } from '../../domain/delivery/request.ts';
import type { LogEntry } from '../../domain/log-entry.ts';
import { carrierNames } from '../../domain/networks/carrier.ts';
import { carriedByReal } from '../../domain/networks/open-values.ts';
import { networkOf } from '../../domain/networks/resolve.ts';
import type { InboundRequest, Json } from '../../domain/postback/postback.ts';
import { createDryJournal } from '../../domain/receiving/dry-journal.ts';
import { keyFormsIn } from '../../domain/receiving/hidden-keys.ts';
import { hiddenOf, hideIn } from '../../domain/receiving/hide-key.ts';
import { rawRequest } from '../../domain/receiving/raw-request.ts';
import { type Taken, takePostback } from '../../domain/receiving/take-postback.ts';
import type { Partner } from '../../domain/settings.ts';
import type { RecordDependencies } from './dependencies.ts';
import { type Preview, preview } from './preview.ts';

/** A postback that a person tries. */
export interface Try {
  readonly partner: Partner;
  /** Whether it is treated as if it had come with a staging key. */
  readonly staging: boolean;
  /** The key with which it is sent, if it is known: a signature may cover it. */
  readonly key: string | undefined;
  readonly params: Readonly<Record<string, Json>>;
  readonly event: string | undefined;
  /** Base URL that partners call. */
  readonly origin: string;
}

export interface Tried {
  readonly taken: Taken;
  readonly testUrl: string;
  /** Status of the answer that the partner would get. */
  readonly httpStatus: number;
  readonly conversion: Preview['conversion'] | undefined;
  readonly requests: readonly OutboundRequest[];
  /** Whether a signature was sent, which has then been checked. */
  readonly signed: boolean;
  /** Names of what a real postback must carry in addition. */
  readonly missing: readonly string[];
}

/**
 * Runs the real pipeline on a postback and stores nothing. It reads the stored data, so duplicates and conflicts show. A signature is
 * checked if one was sent; otherwise values that a signature would not cover are held, as they would be in a real postback. The IP address
 * is not checked, since the partner calls from its own.
 */
export async function tryPostback(records: RecordDependencies, { partner, staging, key, params, event, origin }: Try): Promise<Tried> {
  const now = records.now();
  const network = await networkOf(records.taking.understanding.networks, partner);
  const carriers = network === undefined || partner.signing_secrets.length === 0 ? [] : carrierNames(network);
  const signed = carriers.some((name) => Object.hasOwn(params, name));
  const plain = requestOf(params, event, partner.public_base_url ?? origin, key);
  const request: InboundRequest = { ...plain, believed: !signed, secrets: await keyFormsIn(plain, records.hiddenKeys) };
  const blank: LogEntry = {
    log_id: records.taking.newId(),
    partner_id: partner.partner_id,
    key_id: 'test',
    received_at: now.toISOString(),
    result: 'error',
    flags: [],
    custom_data: {},
    staging: staging ? true : undefined,
    raw: rawRequest(request, records.encodeBody),
  };
  const journal = createDryJournal(records.taking.journal);
  const anywhere: Partner = { ...partner, ip_policy: 'off' };
  const ports = { ...records.taking, journal };
  const taken = await takePostback(ports, { partner: anywhere, request, olderAddress: false, blank, now: now.getTime() });
  const conversion =
    taken.result !== 'accepted' || taken.settle === undefined ? undefined : await journal.conversion(taken.settle.conversionId);
  const previewed =
    conversion === undefined ? undefined : await preview({ ...records, settings: records.taking.settings }, conversion, now.toISOString());
  return {
    taken,
    testUrl: hideIn(
      `${origin}${request.path.replace(/^(\/postback\/)[^/]*/, '$1{key}')}${request.rawQuery === '' ? '' : `?${request.rawQuery}`}`,
      hiddenOf(request),
    ),
    httpStatus: httpStatusOf(taken),
    conversion: previewed?.conversion,
    requests: previewed === undefined ? await forwardsOf(records, taken) : previewed.requests,
    signed,
    missing: network === undefined || partner.signing_secrets.length === 0 || signed ? [] : carriedByReal(network),
  };
}

/** A GET when every value is text, otherwise a POST with JSON. `{key}` takes the place of the key, since no answer shows one. */
function requestOf(params: Try['params'], event: string | undefined, origin: string, key = '{key}'): InboundRequest {
  const segment = event === undefined ? undefined : encodeURIComponent(event.toWellFormed());
  const common = {
    origin,
    path: `/postback/${key}${segment === undefined ? '' : `/${segment}`}`,
    sourceAddress: '',
    key,
    ...(segment === undefined ? {} : { eventSegment: segment }),
  };
  const flat = Object.entries(params).flatMap(([name, value]): [string, string][] =>
    typeof value === 'object' ? [] : [[name, String(value)]],
  );
  if (flat.length === Object.keys(params).length)
    return { ...common, method: 'GET', rawQuery: new URLSearchParams(flat).toString(), headers: {}, body: new Uint8Array() };
  const body = new TextEncoder().encode(JSON.stringify(params));
  return { ...common, method: 'POST', rawQuery: '', headers: { 'content-type': 'application/json' }, body };
}

function httpStatusOf({ result, code }: Taken): number {
  if (result !== 'error') return 200;
  const [, error] = Object.entries(errorCodes).find(([name]) => name === code) ?? [];
  return error?.http ?? 200;
}

/** The requests to which a forward-only partner's postback would lead. */
async function forwardsOf({ taking, openSecret, crypto }: RecordDependencies, { deliver = [] }: Taken): Promise<OutboundRequest[]> {
  const requests = await Promise.all(
    deliver.map(async ({ publisher_id: publisherId, postback_id: postbackId, parameters, said }) => {
      const publisher = await taking.settings.publisher(publisherId);
      const postback = publisher === undefined ? undefined : postbackOf(publisher, undefined, postbackId);
      if (postback === undefined) return 'invalid_request';
      const opened = await openPostback(postback, publisherId, openSecret);
      return buildRequest(opened, { parameters, said, deliveryId: 'DRY-RUN', publisherId }, crypto);
    }),
  );
  return requests.filter((request) => request !== 'invalid_request');
}
