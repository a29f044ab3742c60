import Big from 'big.js';

const plainDecimal = /^(-?)(\d{1,12}(?:\.\d{1,6})?)$/;

/** An amount as it was sent, with its sign kept apart. */
export interface Amount {
  readonly value: Big;
  /** Whether it was below zero. */
  readonly negative: boolean;
  /** Whether it was sent with a minus sign, even `-0`. */
  readonly signed: boolean;
}

/**
 * Reads an amount of money (contract 1.7).
 *
 * @param decimals the exponent of its unit: 0 for dollars, 2 for cents.
 * @returns `undefined` for anything but a plain decimal: no exponent, currency sign, thousands separator or NaN.
 */
export function readAmount(text: string, decimals: number): Amount | undefined {
  const [, sign, digits] = plainDecimal.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  const value = new Big(digits).times(new Big(10).pow(-decimals));
  return { value, negative: sign === '-' && value.gt(0), signed: sign === '-' };
}
