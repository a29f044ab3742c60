import { type Inflate, plainBody } from '../postback/body-parameters.ts';
import type { InboundRequest } from '../postback/postback.ts';
import { formsOf, type Gunzip, keyShapedIn, latin1 } from '../redact.ts';

export interface HiddenKeyPorts {
  readonly gunzip: Gunzip;
  readonly inflate: Inflate;
  /** Whether such a key exists, whichever partner it belongs to. */
  isKey(text: string): Promise<boolean>;
}

/** The most texts that are looked up as possible keys. Nobody sends more of them; the rest is hidden without a look-up. */
const mostAsked = 20;

/**
 * Finds the keys in a request, its own and those of anybody else, however they are encoded (contract 1.3).
 *
 * @returns every text that represents one of them in the request, for the request's `secrets`: nothing that is kept shows them, and the
 *   bytes over which a signature is checked stay unchanged.
 */
export async function keyFormsIn(request: InboundRequest, { gunzip, inflate, isKey }: HiddenKeyPorts): Promise<readonly string[]> {
  const packed = packedIn(request, inflate);
  const texts = [...textsOf(request), ...packed];
  const shaped = [...keyShapedIn(texts, gunzip)].filter((text) => text !== request.key);
  const asked = await Promise.all(shaped.slice(0, mostAsked).map(async (text) => ((await isKey(text)) ? [text] : [])));
  const keys = [request.key ?? '', ...asked.flat(), ...shaped.slice(mostAsked)];
  const forms = formsOf(texts, keys, gunzip);
  // A part of a packed body does not correspond to a part of its content, so the whole body is hidden or kept.
  const isPacked = formsOf(packed, keys, gunzip).length > 0;
  return isPacked ? [latin1(request.body), ...forms] : forms;
}

/** The content of a packed body; nothing when the body is not packed or cannot be unpacked. */
function packedIn({ headers, body }: InboundRequest, inflate: Inflate): readonly string[] {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || body.length === 0) return [];
  const plain = plainBody(encoding, body, inflate);
  return 'bytes' in plain ? [latin1(plain.bytes)] : [];
}

/** Whether a text contains a key, however it is encoded, or more possible keys than can be looked up. */
export async function holdsKey(text: string, { gunzip, isKey }: HiddenKeyPorts): Promise<boolean> {
  const shaped = [...keyShapedIn([text], gunzip)];
  if (shaped.length > mostAsked) return true;
  return (await Promise.all(shaped.map(isKey))).some((is) => is);
}

/** Everything that is kept of a request. Its own key in the path is where it belongs and is always removed there. */
function textsOf({ origin, path, key, rawQuery, headers, body, eventSegment }: InboundRequest): string[] {
  const place = key === undefined || key === '' ? path : path.replace(key, '');
  return [origin, place, eventSegment ?? '', rawQuery, ...Object.entries(headers).flat(), latin1(body)];
}
