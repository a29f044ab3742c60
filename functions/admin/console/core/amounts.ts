import { minorUnits } from '../../../domain/postback/currency.ts';

/**
 * Amounts are decimal text from the API to the screen. The console only compares them exactly, to draw them, and writes them out in full.
 */

const scale = 12;

/** The amount in units of 10^-12; `undefined` when the text is no plain decimal. */
export function scaled(amount: string): bigint | undefined {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount) ?? [];
  if (whole === '') return undefined;
  const digits = BigInt(whole + fraction.slice(0, scale).padEnd(scale, '0'));
  return sign === '-' ? -digits : digits;
}

/** The largest of the amounts; '0' if none is above it. */
export function largest(amounts: readonly string[]): string {
  return amounts.reduce((most, amount) => ((scaled(amount) ?? 0n) > (scaled(most) ?? 0n) ? amount : most), '0');
}

/** The share of a part in `whole`, from 0 to 1 in steps of a thousandth. It is a length on the screen, never an amount. */
export function shareOf(part: string, whole: string): number {
  const [numerator, denominator] = [scaled(part) ?? 0n, scaled(whole) ?? 0n];
  if (denominator <= 0n || numerator <= 0n) return 0;
  return Number((numerator * 1000n) / denominator) / 1000;
}

/** Exact sum of decimal texts. */
export function sumOf(amounts: readonly string[]): string {
  const total = amounts.reduce((sum, amount) => sum + (scaled(amount) ?? 0n), 0n);
  const digits = (total < 0n ? -total : total).toString().padStart(scale + 1, '0');
  const decimals = Math.max(0, ...amounts.map((amount) => amount.split('.')[1]?.length ?? 0));
  const text = `${digits.slice(0, -scale)}${decimals === 0 ? '' : `.${digits.slice(-scale).slice(0, decimals)}`}`;
  return total < 0n ? `-${text}` : text;
}

/** `1,234,567.89`: for figures that people read but do not copy. */
export function groupedText(amount: string): string {
  const [whole = '', fraction] = amount.split('.', 2);
  const groups = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

export function isNegative(amount: string): boolean {
  return amount.startsWith('-');
}

/**
 * An amount with at least the decimals of its currency, without cutting any off. Without a currency it gets two, as most currencies have.
 */
export function moneyText(amount: string, currency = 'USD'): string {
  const [whole = '', fraction = ''] = amount.split('.', 2);
  const decimals = fraction.padEnd(minorUnits(currency), '0');
  return decimals === '' ? whole : `${whole}.${decimals}`;
}

/** `12.5%` of a share from 0 to 1. */
export function percentText(share: number): string {
  return `${groupedText((Math.round(share * 1_000) / 10).toFixed(1))}%`;
}

/** Amounts in several currencies, in one line. */
export function amountsText(amounts: Readonly<Record<string, string>>): string {
  return Object.entries(amounts)
    .map(([currency, amount]) => `${groupedText(moneyText(amount, currency))} ${currency}`)
    .join(', ');
}
