import { logFlags } from '../../domain/codes.ts';
import { answerBody } from '../../domain/networks/answer.ts';
import { carriedIn } from '../../domain/networks/carrier.ts';
import { textOf } from '../../domain/networks/compose.ts';
import type { Network } from '../../domain/networks/network.ts';
import { carriedByReal } from '../../domain/networks/open-values.ts';
import { composeSigned, type SignatureCheck, sealOf, type Verification, verifySignature } from '../../domain/networks/verify.ts';
import { dialectOf } from '../../domain/postback/dialect.ts';
import { gatherParameters } from '../../domain/postback/gather-parameters.ts';
import { interpret } from '../../domain/postback/interpret.ts';
import type { InboundRequest, Reading } from '../../domain/postback/postback.ts';
import type { SettingsDependencies } from '../ports.ts';

/** A request as a person pastes it. */
export interface PastedRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Checked {
  /** `null` when nothing is signed or no secret was given. */
  readonly verified: boolean | null;
  readonly signed_text: string | null;
  readonly expected: string | null;
  readonly received: string | null;
  readonly understood: Readonly<Record<string, string | boolean | null>> | null;
  readonly unsigned: readonly string[];
  readonly answer: string | null;
  readonly warnings: readonly string[];
}

/** Reads a request by a network's document without storing anything (contract 1.8). */
export function checkRequest(
  { crypto, inflate, now }: Pick<SettingsDependencies, 'crypto' | 'inflate' | 'now'>,
  network: Network,
  secret: string | undefined,
  pasted: PastedRequest,
): Checked {
  const request = requestOf(pasted);
  const gathering = gatherParameters(request, inflate);
  const { parameters } = gathering;
  const secrets = secret === undefined ? [] : [secret];
  const check: SignatureCheck = { network, request, parameters, secrets };
  const verification = verifySignature(check, crypto, now().getTime());
  const dialect = dialectOf({ parameter_mapping: {}, parameter_defaults: {}, status_mapping: {} }, network);
  const { coverage } = verification.outcome === 'valid' ? verification : {};
  const reading: Reading = gathering.gathered
    ? interpret(parameters, dialect, request.eventSegment, coverage)
    : { read: false, refusal: gathering.refusal, parameters: {} };
  const transactionId = reading.read ? reading.postback.transactionId : undefined;
  const result = reading.read && verification.outcome !== 'refused' ? 'accepted' : 'error';
  return {
    verified: verification.outcome === 'unchecked' ? null : verification.outcome === 'valid',
    ...signatureOf(check, secret, crypto),
    understood: reading.read ? understoodOf(reading) : null,
    unsigned: reading.read ? reading.unsigned : [],
    answer: answerBody(network, undefined, { result, parameters, transactionId })?.text ?? null,
    warnings: warningsOf(network, secret, pasted, verification, reading),
  };
}

function signatureOf(
  check: SignatureCheck,
  secret: string | undefined,
  crypto: SettingsDependencies['crypto'],
): Pick<Checked, 'signed_text' | 'expected' | 'received'> {
  const { signing } = check.network ?? {};
  if (signing === undefined) return { signed_text: null, expected: null, received: null };
  const composed = composeSigned(check, signing);
  const received = carriedIn(signing.in, check.request, check.parameters)[0] ?? null;
  if ('fault' in composed) return { signed_text: null, expected: null, received };
  const expected = secret === undefined ? null : `${signing.prefix ?? ''}${sealOf(signing, crypto, secret, composed)}`;
  return { signed_text: textOf(composed, secret), expected, received };
}

function understoodOf({ postback }: Extract<Reading, { read: true }>): NonNullable<Checked['understood']> {
  return {
    click_id: postback.clickId ?? null,
    transaction_id: postback.transactionId ?? null,
    original_transaction_id: postback.originalTransactionId ?? null,
    status: postback.logged ? 'log' : (postback.status ?? null),
    status_word: postback.statusWord ?? null,
    payout: postback.payout?.toFixed() ?? null,
    currency: postback.currency ?? null,
    event: postback.event,
    reason: postback.reason ?? null,
    held_for: postback.heldFor ?? null,
    repeat: postback.repeat ?? 'once',
  };
}

function warningsOf(
  network: Network,
  secret: string | undefined,
  { url }: PastedRequest,
  verification: Verification,
  reading: Reading,
): string[] {
  const needed = carriedByReal(network).join(', ');
  return [
    ...(/&amp;/.test(url) ? ['The URL holds &amp; where & belongs: it was copied out of HTML'] : []),
    ...(verification.outcome === 'refused' ? [verification.refusal.message] : []),
    ...(needed !== '' && secret === undefined ? [`Give the secret to check the signature: a real postback carries ${needed}`] : []),
    ...(reading.read ? [] : [reading.refusal.message]),
    ...(reading.read && reading.postback.clickId === undefined ? ['It names no click'] : []),
    ...(reading.read ? reading.postback.flags.map((flag) => logFlags[flag]) : []),
    ...(reading.read && reading.unsigned.length > 0
      ? [`The signature does not cover ${reading.unsigned.join(', ')}: it would be held`]
      : []),
  ];
}

/** The URL may be complete, only a path, or only a query, since a network's support may send any of them. */
function requestOf({ method, url, headers, body }: PastedRequest): InboundRequest {
  const [, origin = 'https://postback.example.com', rest = ''] = /^(https?:\/\/[^/?#]*)?(.*)$/is.exec(url.trim()) ?? [];
  const [address = ''] = rest.split('#');
  const at = address.indexOf('?');
  const path = at === -1 ? address : address.slice(0, at);
  const segments = path.split('/').filter((segment) => segment !== '');
  const event = segments[0] === 'postback' ? segments[2] : undefined;
  return {
    method,
    origin,
    path: path === '' ? '/postback/KEY' : path,
    rawQuery: at === -1 ? '' : address.slice(at + 1),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: new TextEncoder().encode(body),
    sourceAddress: '',
    ...(event === undefined ? {} : { eventSegment: event }),
  };
}
