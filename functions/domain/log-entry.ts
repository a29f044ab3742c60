import type { HeldCode, LogFlag, PostbackErrorCode } from './codes.ts';
import type { PartnerId } from './ids.ts';
import type { Json } from './postback/postback.ts';
import type { PostbackResult } from './status.ts';

/** The request as received, without the key (contract 1.1). */
export interface RawRequest {
  readonly method: string;
  readonly origin: string;
  /** The path with `{key}` in place of the key. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Base64 of the body's bytes; absent when there was none. */
  readonly body?: string | undefined;
  readonly event?: string | undefined;
  readonly source_address: string;
}

/** Replaces what a raw request contained, once the person that it was about has been erased. */
export const erased = 'erased';

/** Whether everything that was sent has been erased, except what the entry itself says. */
export function wasErased({ raw }: Pick<LogEntry, 'raw'>): boolean {
  return raw.source_address === erased;
}

/** The result of processing a request once. */
export interface Outcome {
  readonly result: PostbackResult;
  readonly code?: PostbackErrorCode | HeldCode | undefined;
  /** More exact than the code; callers may see it. */
  readonly message?: string | undefined;
  /** The rule that decided (contract 2.1). */
  readonly rule_id?: string | undefined;
}

/** What the postback log keeps of one request with a valid key. */
export interface LogEntry extends Outcome {
  readonly log_id: string;
  readonly partner_id: PartnerId;
  readonly key_id: string;
  /** ISO 8601. */
  readonly received_at: string;
  readonly flags: readonly LogFlag[];
  readonly click_id?: string | undefined;
  readonly offer_id?: string | undefined;
  /** The click's user; if no click was found, the user id as sent. */
  readonly user_id?: string | undefined;
  readonly conversion_id?: string | undefined;
  readonly transaction_id?: string | undefined;
  readonly status?: string | undefined;
  readonly payout?: string | undefined;
  readonly currency?: string | undefined;
  readonly event?: string | undefined;
  readonly custom_data: Readonly<Record<string, Json>>;
  readonly raw: RawRequest;
  /** The key was a staging key: every postback is a test (contract 1.3). */
  readonly staging?: boolean | undefined;
  /** Earlier results, if it was processed again. */
  readonly earlier?: readonly (Outcome & { readonly at: string; readonly by: string })[] | undefined;
}
