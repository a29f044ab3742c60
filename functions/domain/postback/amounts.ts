import Big from 'big.js';

const plainDecimal = /^(-?)(\d{1,12}(?:\.\d{1,6})?)$/;

/** An amount as it was sent, sign apart. */
export interface Amount {
  readonly value: Big;
  /** It was below zero. */
  readonly negative: boolean;
}

/**
 * Reads an amount of money (contract 1.7).
 *
 * @param unit what one of the partner's units is in units of the currency: '1', or '0.01' for cents.
 * @param signed whether it may have a minus sign.
 * @returns `undefined` for anything but a plain decimal: no exponent, currency sign, thousands separator, NaN.
 */
export function readAmount(text: string, unit: string, signed: boolean): Amount | undefined {
  const [, sign, digits] = plainDecimal.exec(text.trim()) ?? [];
  if (digits === undefined || (sign === '-' && !signed)) return undefined;
  const value = new Big(digits).times(unit);
  return { value, negative: sign === '-' && value.gt(0) };
}
