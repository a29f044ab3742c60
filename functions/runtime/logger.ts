import { Logger } from '@aws-lambda-powertools/logger';
import { type Dimensions, embed, type MetricValues } from './metrics.ts';
import { requestId } from './request-id.ts';

/** The events that the functions log, with what they mean for an operator. Nothing else is logged. */
const logEvents = {
  postback: 'An inbound request was answered',
  unknown_key: 'A request came with a key that does not exist; its parameters are not kept',
  postback_unavailable: 'A postback could not be recorded and was refused with 503; the partner sends it again',
  settle_hint_failed: 'A recorded conversion could not be queued; the sweeper finds it',
  delivery_hint_failed: 'Settled deliveries could not be queued; the sweeper finds them',
  retry_hint_failed: 'A retry could not be queued; the sweeper finds it',
  settle_together_failed: 'A batch could not be settled as one; each conversion is settled alone',
  settle_failed: 'A conversion could not be settled now; its message comes again',
  forward_failed: 'An attempt could not be recorded; its message comes again',
  alert_not_raised: 'An alert could not be raised; its cause still exists',
  endpoint_not_updated: "A publisher's health could not be written; the next attempt writes it",
  key_use_not_noted: "A key's last use, or how often it is used, could not be written",
  message_unreadable: 'A message has an unknown form; it goes to the dead-letter queue',
  click_unavailable: 'A click could not be recorded; the user was not redirected',
  swept: 'The sweeper has looked at what is due: how much it put back on its queues, and how old the oldest work is',
  settled: 'A batch of conversions was settled',
  forwarded: 'A batch of attempts to notify publishers was made',
  deliveries_not_counted: 'The outcome of a batch of attempts is missing in the statistics',
  ledger_mismatch:
    "An account's newest balance contradicts the entry before it; the account is not settled until a person has looked at it",
  sweep_failed: 'The sweeper could not finish; it continues at its next run',
  reconciled: 'What the postbacks of a minute led to was compared: gaps are an alarm, and npm run reconcile names them',
  reconciliation_failed: 'A minute could not be compared; the next run compares the next one',
  import_row_failed: 'A row of a file could not be recorded; its report says so',
  answer_not_kept: 'An answer could not be kept: a repetition of its request under the same key is done again',
  admin_failed: 'An admin request failed on our side',
  authorizer_failed: 'A token could not be checked',
} as const satisfies Readonly<Record<string, string>>;
export type LogEvent = keyof typeof logEvents;

const logger = new Logger();

/** Facts of a log line. Never put a key, a token, a secret, a parameter's value or a full IP address in them. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/** Logs a line that carries metrics. */
export type Measure = (event: LogEvent, facts: Facts, values: MetricValues, dimensions?: Dimensions) => void;

/** @param stage dimension of every metric. */
export function createMeasure(stage: string): Measure {
  return (event, facts, values, dimensions = {}) =>
    logger.info(event, { request_id: requestId(), ...facts, ...embed(values, { Stage: stage, ...dimensions }, Date.now()) });
}

export function logWarning(event: LogEvent, error: unknown, facts: Facts = {}): void {
  logger.warn(event, { request_id: requestId(), ...facts, error_name: nameOf(error), error_message: messageOf(error) });
}

export function logError(event: LogEvent, error: unknown, facts: Facts = {}): void {
  logger.error(event, {
    request_id: requestId(),
    ...facts,
    error_name: nameOf(error),
    error_message: messageOf(error),
    stack: error instanceof Error ? error.stack : undefined,
  });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
