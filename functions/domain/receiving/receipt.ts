import { boundedId, cutToBytes } from '../byte-budget.ts';
import type { Statement } from '../conversion.ts';
import type { Saying } from '../conversions/decide.ts';
import { isTakeBack } from '../conversions/standing.ts';
import type { LogEntry } from '../log-entry.ts';
import type { Postback } from '../postback/postback.ts';
import type { Partner } from '../settings.ts';
import { type ForwardedStatus, forwardedStatuses } from '../status.ts';

/** A postback that was believed and understood, on its way to the journal. */
export interface Receipt {
  readonly partner: Partner;
  readonly postback: Postback;
  /** The log entry so far; its result is added here. If it is processed again, `conversion_id` names the row in which it is held. */
  readonly entry: LogEntry;
  /** Epoch milliseconds of receipt. */
  readonly now: number;
  /** A person's decision about a held postback (contract section 4); status and payout are the person's. */
  readonly byHand?: { readonly status: ForwardedStatus; readonly by: string; readonly reason: string } | undefined;
}

/**
 * What a receipt says about a conversion, in the form in which statements are compared and kept: ids bounded, free text cut (contract 1.7).
 */
export function sayingOf({ postback, byHand }: Receipt, digest: (text: string) => string): Saying {
  const status = byHand?.status ?? forwardedStatuses.find((known) => known === postback.status);
  const id = (sent: string | undefined): string | undefined => (sent === undefined ? undefined : boundedId(sent, digest));
  const word = cut(postback.statusWord?.toLowerCase());
  const chargeback = status === 'rejected' && postback.rejectedIsChargeback ? true : undefined;
  return {
    status,
    word: status === undefined || byHand !== undefined ? word : undefined,
    sent_word: word,
    chargeback,
    any_event: isTakeBack({ status, chargeback }) && !postback.eventSent ? true : undefined,
    transaction_id: id(postback.transactionId),
    original_transaction_id: id(postback.originalTransactionId),
    own_id: postback.ownId,
    amount: postback.payout,
    currency: postback.currency,
    reason: cut(byHand?.reason ?? postback.reason),
    hold: postback.heldFor,
    byHand: byHand === undefined ? undefined : 'held',
  };
}

/** The statement of a receipt, before anything is decided about it. */
export function statementOf({ entry, postback, byHand }: Receipt, saying: Saying): Omit<Statement, 'verdict' | 'code'> {
  const { hold: _hold, byHand: _byHand, sent_word: _word, ...said } = saying;
  return {
    ...said,
    log_id: entry.log_id,
    at: entry.received_at,
    ip: cut(postback.ip),
    country: cut(postback.country),
    device_id: cut(postback.deviceId),
    by: byHand?.by,
  };
}

function cut(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cutToBytes(text);
}
