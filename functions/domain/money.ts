import Big from 'big.js';
import { minorUnits } from './postback/currency.ts';

export const zero = new Big(0);

/** Rounds half-even to the currency's minor unit (contract section 2): 2 decimals for USD, 0 for JPY, 3 for KWD. */
export function roundMoney(amount: Big, currency: string): Big {
  return amount.round(minorUnits(currency), Big.roundHalfEven);
}

/** Rounds points half-even to two decimals, whatever the currency (contract section 2). */
export function roundPoints(points: Big): Big {
  return points.round(2, Big.roundHalfEven);
}

/** `percent` of an amount, not rounded. It multiplies by 0.01, because a division would cut off digits. */
export function percentOf(amount: Big, percent: Big): Big {
  return amount.times(percent).times('0.01');
}

/** An amount of money as text, with the decimals of its currency. */
export function moneyText(amount: Big, currency: string): string {
  return amount.toFixed(minorUnits(currency), Big.roundHalfEven);
}

/** Points as text, with two decimals. */
export function pointsText(points: Big): string {
  return points.toFixed(2, Big.roundHalfEven);
}

export function smaller(a: Big, b: Big): Big {
  return a.lt(b) ? a : b;
}
