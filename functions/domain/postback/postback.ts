import type Big from 'big.js';
import type { HeldCode, LogFlag, PostbackErrorCode } from '../codes.ts';
import type { Repeat, UnknownEvent } from '../networks/network.ts';
import type { PostbackStatus } from '../status.ts';

/** One inbound request as it came over the wire, nothing decoded (contract 1.1). */
export interface InboundRequest {
  readonly method: 'GET' | 'POST';
  /** `https://host` that the partner called. */
  readonly origin: string;
  /** Path as sent, without stage, key included: signature recipes need it. Never logged. */
  readonly path: string;
  /** Query as sent, without `?`. */
  readonly rawQuery: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The event from the path, if the path had one. */
  readonly eventSegment?: string;
  /** The caller's address as the gateway saw it. */
  readonly sourceAddress: string;
  /** The key it came with, so that nothing that is kept shows it. Absent: it is gone already, or there was none. */
  readonly key?: string;
  /** Its signature was found good when it came, and is not checked again: parts of what was signed are not kept. */
  readonly believed?: boolean;
  /** Secrets that it holds in clear, as some networks send them: nothing that is kept shows them either. */
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

/** Any JSON value: custom data keeps what the partner sent, nested values included. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What a postback says, once names, words and scales are ours. */
export interface Postback {
  /** Absent when the partner sent none. */
  readonly clickId?: string | undefined;
  /** `undefined`: a word that nobody has told us the meaning of; it is held, never guessed (contract 1.5). */
  readonly status: PostbackStatus | undefined;
  /** The status word as sent, if one was. */
  readonly statusWord?: string | undefined;
  /** Upward payout, never negative, in units of `currency`. Absent: none was sent. */
  readonly payout?: Big | undefined;
  /** ISO 4217, upper case. Absent: none was sent and the partner has none. */
  readonly currency?: string | undefined;
  /** `offer_id` and `survey_id` as sent: the partner's own or ours. */
  readonly offerReferences: readonly string[];
  /** Absent: the partner sent none; one is generated, which never takes part in dedupe. */
  readonly transactionId?: string | undefined;
  /** Which earlier transaction a take-back is about, where its own id is another. */
  readonly originalTransactionId?: string | undefined;
  /** A take-back whose transaction id is its own and names no original: it is matched as if it had none. */
  readonly ownId?: true | undefined;
  /** A `rejected` by which the network takes back what it had approved. */
  readonly rejectedIsChargeback?: true | undefined;
  /** It must be held with this code, whatever else it says: part of it was not understood, or nobody vouches for it. */
  readonly heldFor?: Extract<HeldCode, 'unknown_status' | 'unreplaced_macro' | 'unsigned_value'> | undefined;
  /** The network says that this is information: it is logged and nothing else. */
  readonly logged?: true | undefined;
  readonly partnerConversionId?: string | undefined;
  /** Normalised event: lower case; `complete` when none was sent. */
  readonly event: string;
  /** Whether an event was named at all. */
  readonly eventSent: boolean;
  /** What becomes of the event where the offer does not declare it; `macro`: it looks like one that was left, and is held. */
  readonly unknownEvent: UnknownEvent | 'macro';
  /** How often a click may earn, as the partner or its network says; the offer's own wins. */
  readonly repeat?: Repeat | undefined;
  /** Without a click id the transaction leads to the conversion. */
  readonly matchByTransaction: boolean;
  /**
   * The signed text, without its secret, where it must not pay twice and the conversion's key would not see to it. A text that has
   * been used and leads elsewhere is held; a reversal may use it again.
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
   * Canonical text of everything that makes two postbacks one (contract 1.5): every parameter, sorted.
   * What changes between two sendings of the same postback (signature, its time, its nonce) is left out.
   */
  readonly identity: string;
  readonly flags: readonly LogFlag[];
}

/** What people look for a request by. */
export type NamedThings = Pick<Postback, 'clickId' | 'transactionId' | 'userId'>;

/** A refusal: the request cannot be believed or understood. */
export interface Refusal {
  readonly code: PostbackErrorCode;
  /** Says which parameter and why; safe to show to the caller, holds no secret. */
  readonly message: string;
}

export type Reading =
  /** `unsigned` names what decides although nobody vouches for it. */
  | { readonly read: true; readonly postback: Postback; readonly unsigned: readonly string[] }
  /** `parameters` and what it names are what could be read all the same, for the log. */
  | (NamedThings & { readonly read: false; readonly refusal: Refusal; readonly parameters: Readonly<Record<string, Json>> });
