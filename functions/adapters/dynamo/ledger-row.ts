import type Big from 'big.js';
import * as z from 'zod/mini';
import type { Account, LedgerEntry } from '../../domain/ledger.ts';
import { forwardedStatuses } from '../../domain/status.ts';
import { count, decimal } from './item.ts';

const amount: z.ZodMiniType<Big> = decimal;

export const linkRow: z.ZodMiniType<Pick<LedgerEntry, 'entry' | 'balance' | 'points'>> = z.object({
  entry: count,
  balance: amount,
  points: amount,
});

export const ledgerRow: z.ZodMiniType<LedgerEntry> = z.object({
  entry: count,
  points: amount,
  balance: amount,
  payout: amount,
  currency: z.string(),
  conversion_id: z.string(),
  log_id: z.string(),
  status: z.enum(forwardedStatuses),
  reason: z.optional(z.string()),
  at: z.string(),
});

/** Publisher ids contain no `#`, so a user id may be any text. */
export function accountKey({ publisher, user }: Account): string {
  return `${publisher}#${user}`;
}
