import { type Inflate, plainBody } from '../postback/body-parameters.ts';
import type { InboundRequest } from '../postback/postback.ts';
import { formsOf, type Gunzip, keyShapedIn, latin1 } from '../redact.ts';

export interface HiddenKeyPorts {
  readonly gunzip: Gunzip;
  readonly inflate: Inflate;
  /** Whether there is such a key, of whichever partner. */
  isKey(text: string): Promise<boolean>;
}

/** Nobody sends more texts that could be keys; what is over that is hidden without being asked about. */
const mostAsked = 20;

/**
 * Finds the keys that stand in a request, its own and anybody else's, however they are encoded (contract 1.3).
 *
 * @returns every text by which one stands there, for the `secrets` of the request: what is kept of it shows none of them, and the
 *   bytes that a signature is checked over stay as they are.
 */
export async function keyFormsIn(request: InboundRequest, { gunzip, inflate, isKey }: HiddenKeyPorts): Promise<readonly string[]> {
  const packed = packedIn(request, inflate);
  const texts = [...textsOf(request), ...packed];
  const shaped = [...keyShapedIn(texts, gunzip)].filter((text) => text !== request.key);
  const asked = await Promise.all(shaped.slice(0, mostAsked).map(async (text) => ((await isKey(text)) ? [text] : [])));
  const keys = [request.key ?? '', ...asked.flat(), ...shaped.slice(mostAsked)];
  const forms = formsOf(texts, keys, gunzip);
  // No part of a packed body stands for a part of what it holds: the whole is hidden, or it is kept as it is.
  const isPacked = formsOf(packed, keys, gunzip).length > 0;
  return isPacked ? [latin1(request.body), ...forms] : forms;
}

/** What a packed body holds; nothing where it is not packed, or cannot be unpacked. */
function packedIn({ headers, body }: InboundRequest, inflate: Inflate): readonly string[] {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || body.length === 0) return [];
  const plain = plainBody(encoding, body, inflate);
  return 'bytes' in plain ? [latin1(plain.bytes)] : [];
}

/** Whether a key stands in a text, however it is encoded, or more than anybody could ask about. */
export async function holdsKey(text: string, { gunzip, isKey }: HiddenKeyPorts): Promise<boolean> {
  const shaped = [...keyShapedIn([text], gunzip)];
  if (shaped.length > mostAsked) return true;
  return (await Promise.all(shaped.map(isKey))).some((is) => is);
}

/** All that is kept of a request; its own key in the path is where it belongs, and is taken out of there anyway. */
function textsOf({ origin, path, key, rawQuery, headers, body, eventSegment }: InboundRequest): string[] {
  const place = key === undefined || key === '' ? path : path.replace(key, '');
  return [origin, place, eventSegment ?? '', rawQuery, ...Object.entries(headers).flat(), latin1(body)];
}
