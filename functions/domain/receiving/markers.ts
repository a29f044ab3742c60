import { isPostbackId, postbackIdOf } from '../conversion-id.ts';
import type { Decision, Saying } from '../conversions/decide.ts';
import { isTakeBack } from '../conversions/standing.ts';
import type { Found } from './find-place.ts';
import type { Match } from './match-click.ts';
import type { Marker } from './ports.ts';
import type { Receipt } from './receipt.ts';

interface Digest {
  /** A short digest of a text. */
  fingerprint(text: string): string;
}

/** Whether a held postback is being processed again or decided by a person. */
export function isAgain({ entry }: Pick<Receipt, 'entry'>): boolean {
  return entry.conversion_id !== undefined && isPostbackId(entry.conversion_id);
}

/** The id under which a postback is held: the one that it has already, or one that follows from its log entry. */
export function heldIdOf(ports: Digest, { entry }: Pick<Receipt, 'entry'>): string {
  return entry.conversion_id !== undefined && isPostbackId(entry.conversion_id) ? entry.conversion_id : heldIdOfLog(ports, entry.log_id);
}

/** The id of the row that lists a held statement of a conversion. */
function heldIdOfLog({ fingerprint }: Digest, logId: string): string {
  return postbackIdOf(fingerprint(JSON.stringify(['held', logId])));
}

/** The id by which a postback without a click id is known: the same postback again is a repetition. */
export function repetitionId({ fingerprint }: Digest, { partner, postback, entry }: Receipt): string {
  if (entry.conversion_id !== undefined && isPostbackId(entry.conversion_id)) return entry.conversion_id;
  return postbackIdOf(fingerprint(JSON.stringify([partner.partner_id, postback.identity])));
}

/** The id under which a statement is held outside the statements of its conversion. */
export function saidId(
  { fingerprint }: Digest,
  id: string,
  { status, word, transaction_id, original_transaction_id, amount, currency }: Saying,
): string {
  return postbackIdOf(
    fingerprint(JSON.stringify([id, status, word, transaction_id, original_transaction_id, amount?.toFixed(), currency])),
  );
}

/**
 * The id under which a take-back is known for its click, together with the conversion that it was about: the same take-back again is about
 * the same conversion. A postback that is processed again, or that a person decides about, is looked at anew.
 */
export function saidMarker(ports: Digest, receipt: Receipt, saying: Saying, clickId: string, event: string): string | undefined {
  if (isAgain(receipt) || receipt.byHand !== undefined) return undefined;
  return saidId(ports, `${clickId} ${receipt.postback.eventSent ? event : ''}`, saying);
}

/** The id under which a signed text leads to the conversion that it has paid (contract 1.8). */
export function signedId({ fingerprint }: Digest, { partner, postback }: Receipt): string | undefined {
  const { signedText } = postback;
  return signedText === undefined ? undefined : postbackIdOf(fingerprint(JSON.stringify(['signed', partner.partner_id, signedText])));
}

/** The ids under which the partner's transactions and conversions in the postback may be known, best first. */
export function transactionMarkers({ fingerprint }: Digest, { partner, postback }: Receipt): string[] {
  const of = (kind: string, id: string | undefined): string[] =>
    id === undefined ? [] : [postbackIdOf(fingerprint(JSON.stringify([kind, partner.partner_id, id])))];
  const { originalTransactionId, transactionId, partnerConversionId } = postback;
  return [...of('transaction', originalTransactionId), ...of('transaction', transactionId), ...of('conversion', partnerConversionId)];
}

/** The markers that will lead to the conversion. They are written only if something will look for them. */
export function markersOf(
  ports: Digest,
  receipt: Receipt,
  { guessed }: Extract<Match, { kind: 'click' }>,
  saying: Saying,
  { id: conversionId, said }: Extract<Found, { kind: 'place' }>,
  decided: Decision,
): Marker[] {
  const takes = said === undefined ? [] : [{ id: said, conversionId }];
  if (isTakeBack(saying) || (decided.kind === 'duplicate' && !decided.remember)) return takes;
  const { matchByTransaction } = receipt.postback;
  const ids = guessed || matchByTransaction ? transactionMarkers(ports, receipt) : [];
  // A held statement gets markers too: a take-back that names only its transaction settles it. So does a name that what is paid gets later.
  if (decided.kind !== 'accepted')
    return [...takes, ...(matchByTransaction ? ids.map((id) => ({ id, conversionId, optional: true })) : [])];
  const signed = receipt.byHand ? undefined : signedId(ports, receipt);
  const repetition = guessed && !isAgain(receipt) ? [repetitionId(ports, receipt)] : [];
  return [
    ...takes,
    ...repetition.map((id) => ({ id, conversionId })),
    ...ids.map((id) => ({ id, conversionId, optional: !guessed })),
    ...(signed === undefined ? [] : [{ id: signed, conversionId }]),
  ];
}
