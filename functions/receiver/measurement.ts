import type { Facts, LogEvent } from '../runtime/logger.ts';
import type { Dimensions, MetricValues } from '../runtime/metrics.ts';
import type { Reply } from './receive-postback.ts';

/** The only log line of a postback, which carries its metrics too. */
interface Measurement {
  readonly event: LogEvent;
  readonly facts: Facts;
  readonly values: MetricValues;
  readonly dimensions: Dimensions;
}

/** What is logged and counted about an answered request; about one with an unknown key, nothing except that it came. */
export function measurementOf({ logId, partner, result, code }: Reply): Measurement {
  const forged = code === 'signature_missing' || code === 'signature_invalid';
  return {
    event: code === 'invalid_key' ? 'unknown_key' : 'postback',
    facts: { log_id: logId, partner_id: partner?.partner_id, result, code },
    values: {
      Postbacks: 1,
      ...(partner === undefined ? {} : { HeldShare: result === 'held' ? 1 : 0 }),
      ...(forged ? { SignatureFailures: 1 } : {}),
    },
    dimensions: { Result: result, Code: code, Partner: partner?.partner_id },
  };
}
