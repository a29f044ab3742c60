import type Big from 'big.js';
import { minorUnits } from '../../domain/postback/currency.ts';

/** A stored amount as text: it is not rounded, and has at least the decimals of its currency. */
export function exactMoneyText(amount: Big, currency = 'USD'): string {
  const decimals = amount.toFixed().split('.')[1]?.length ?? 0;
  return amount.toFixed(Math.max(decimals, minorUnits(currency)));
}
