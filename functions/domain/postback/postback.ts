import type Big from 'big.js';
import type { HeldCode, LogFlag, PostbackErrorCode } from '../codes.ts';
import type { Repeat, UnknownEvent } from '../networks/network.ts';
import type { PostbackStatus } from '../status.ts';

/** One inbound request as it was received, with nothing decoded (contract 1.1). */
export interface InboundRequest {
  readonly method: 'GET' | 'POST';
  /** `https://host` that the partner called. */
  readonly origin: string;
  /** The path as sent, without the stage but with the key, which signature recipes need. It is never logged. */
  readonly path: string;
  /** The query as sent, without `?`. */
  readonly rawQuery: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The event from the path, if the path had one. */
  readonly eventSegment?: string;
  /** The caller's IP address, as the gateway saw it. */
  readonly sourceAddress: string;
  /** The key with which it came, so that nothing that is kept shows it. Absent: it has been removed, or there was none. */
  readonly key?: string;
  /** Its signature was valid when it was received, and is not checked again, because parts of what was signed are not kept. */
  readonly believed?: boolean;
  /** Secrets that it contains in clear, as some networks send them; nothing that is kept shows them either. */
  readonly secrets?: readonly string[];
}

/** The standard parameters (contract 1.2). */
export const standardParameters = [
  'click_id',
  'status',
  'payout',
  'currency',
  'offer_id',
  'survey_id',
  'transaction_id',
  'original_transaction_id',
  'conversion_id',
  'event',
  'user_id',
  'affiliate_id',
  'sub_id',
  'sub_id1',
  'sub_id2',
  'sub_id3',
  'sub_id4',
  'sub_id5',
  'country',
  'device_id',
  'ip',
  'user_agent',
  'reason',
] as const;
export type StandardParameter = (typeof standardParameters)[number];

/** Any JSON value: custom data keeps what the partner sent, including nested values. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** The content of a postback in our names, words and scales. */
export interface Postback {
  /** Absent when the partner sent none. */
  readonly clickId?: string | undefined;
  /** `undefined`: the word is unknown. The postback is held, and the status is never guessed (contract 1.5). */
  readonly status: PostbackStatus | undefined;
  /** The status word as sent, if one was. */
  readonly statusWord?: string | undefined;
  /** Upward payout, never negative, in units of `currency`. Absent: none was sent. */
  readonly payout?: Big | undefined;
  /** ISO 4217, upper case. Absent: none was sent and the partner has none. */
  readonly currency?: string | undefined;
  /** `offer_id` and `survey_id` as sent: the partner's own or ours. */
  readonly offerReferences: readonly string[];
  /** Absent: the partner sent none; a generated id takes its place, which never takes part in dedupe. */
  readonly transactionId?: string | undefined;
  /** The earlier transaction that a take-back is about, if its own id is a different one. */
  readonly originalTransactionId?: string | undefined;
  /** A take-back whose transaction id is its own and names no original, so it is matched as if it had none. */
  readonly ownId?: true | undefined;
  /** A `rejected` with which the network takes back what it had approved. */
  readonly rejectedIsChargeback?: true | undefined;
  /** It must be held with this code, whatever else it says: part of it was not understood, or no signature covers a value that decides. */
  readonly heldFor?: Extract<HeldCode, 'unknown_status' | 'unreplaced_macro' | 'unsigned_value'> | undefined;
  /** The network says that this is information, so it is only logged. */
  readonly logged?: true | undefined;
  readonly partnerConversionId?: string | undefined;
  /** Normalised event: lower case; `complete` when none was sent. */
  readonly event: string;
  /** Whether an event was named at all. */
  readonly eventSent: boolean;
  /** What happens to the event if the offer does not declare it; `macro`: it looks like an unreplaced macro, and is held. */
  readonly unknownEvent: UnknownEvent | 'macro';
  /** How often a click may earn, according to the partner or its network; the offer's own setting wins. */
  readonly repeat?: Repeat | undefined;
  /** Whether, without a click id, the transaction leads to the conversion. */
  readonly matchByTransaction: boolean;
  /**
   * The signed text without its secret, if it must not pay twice and the conversion's key alone would not prevent that. A text that has
   * been used for another conversion is held; a reversal may use it again.
   */
  readonly signedText?: string | undefined;
  readonly reason?: string | undefined;
  readonly userId?: string | undefined;
  readonly affiliateId?: string | undefined;
  /** Keys `sub_id`, `sub_id1`..`sub_id5`. */
  readonly subIds: Readonly<Record<string, string>>;
  readonly country?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly customData: Readonly<Record<string, Json>>;
  /**
   * Canonical text of everything that makes two postbacks the same (contract 1.5): every parameter, sorted.
   * What changes between two sendings of the same postback (signature, its time, its nonce) is left out.
   */
  readonly identity: string;
  readonly flags: readonly LogFlag[];
}

/** The ids by which people look for a request. */
export type NamedThings = Pick<Postback, 'clickId' | 'transactionId' | 'userId'>;

/** A refusal: the request cannot be believed or understood. */
export interface Refusal {
  readonly code: PostbackErrorCode;
  /** Says which parameter and why. Callers may see it, since it contains no secret. */
  readonly message: string;
}

export type Reading =
  /** `unsigned` names the values that decide something although no signature covers them. */
  | { readonly read: true; readonly postback: Postback; readonly unsigned: readonly string[] }
  /** `parameters` and the ids are what could still be read, for the log. */
  | (NamedThings & { readonly read: false; readonly refusal: Refusal; readonly parameters: Readonly<Record<string, Json>> });
