import type { Click } from '../click.ts';
import { type HeldCode, heldCodes } from '../codes.ts';
import type { Conversion, Statement } from '../conversion.ts';
import type { Saying } from '../conversions/decide.ts';
import type { Offer } from '../settings.ts';
import type { Found } from './find-place.ts';
import { heldIdOf, isAgain } from './markers.ts';
import { withStatements } from './new-conversion.ts';
import type { HeldPostback } from './ports.ts';
import { type Receipt, sayingOf } from './receipt.ts';
import { log, type Raced, type Recorded, type RecordingPorts, withConversion } from './recording.ts';

/**
 * Holds a postback outside the statements of a conversion, because nobody knows which conversion is meant or because it may not be
 * remembered there.
 */
export async function holdAlone(
  ports: RecordingPorts,
  receipt: Receipt,
  code: HeldCode,
  id: string,
  about: { readonly click?: Click; readonly offer: Offer | undefined },
): Promise<Recorded | Raced> {
  const outcome = { result: 'held', code, message: heldCodes[code] } as const;
  const held = heldOf(receipt, id, code, undefined, about, sayingOf(receipt, ports.fingerprint));
  const conversions = await closedElsewhere(ports, receipt, {});
  const written = await ports.journal.write({ ...receipt.entry, ...outcome, conversion_id: id }, { held, conversions });
  if (written.kind === 'written') return outcome;
  if (written.kind === 'changed') return { raced: undefined };
  return log(ports, withConversion(receipt, id), { result: 'duplicate' });
}

export function heldOf(
  { entry, partner, postback }: Receipt,
  id: string,
  code: HeldCode,
  about: string | undefined,
  { click, offer }: { readonly click?: Click; readonly offer: Offer | undefined },
  { status, word, transaction_id }: Saying,
  rule_id?: string,
): HeldPostback {
  return {
    conversion_id: id,
    log_id: entry.log_id,
    partner_id: partner.partner_id,
    code,
    created_at: entry.received_at,
    event: postback.event,
    about,
    click,
    offer_id: offer?.offer_id,
    payout: postback.payout?.toFixed(),
    currency: postback.currency ?? partner.currency ?? 'USD',
    said_status: status,
    status_word: word,
    transaction_id,
    partner_conversion_id: postback.partnerConversionId,
    rule_id,
  };
}

/** A postback that is processed again may now be about another conversion. Its statement in the first one is closed. */
export async function closedElsewhere(
  ports: RecordingPorts,
  receipt: Receipt,
  found: Partial<Pick<Extract<Found, { kind: 'place' }>, 'id' | 'anchors'>>,
): Promise<Conversion[]> {
  if (!isAgain(receipt)) return [];
  const { about } = (await ports.journal.marked(heldIdOf(ports, receipt))) ?? {};
  // The anchors of a new conversion are rewritten with it, which closes the statement there too.
  const written = [found.id, ...(found.anchors ?? []).map(({ id }) => id)];
  const row = about === undefined || written.includes(about) ? undefined : await ports.journal.conversion(about);
  return row === undefined ? [] : [closedIn(row, receipt)];
}

export function closedIn(row: Conversion, receipt: Receipt): Conversion {
  return withStatements(
    row,
    row.statements.map((one) => closedIf(one, receipt)),
  );
}

export function closedIf(statement: Statement, { entry }: Receipt): Statement {
  return statement.log_id === entry.log_id && statement.verdict === 'held' ? { ...statement, verdict: 'closed' } : statement;
}
