import Big from 'big.js';
import { minorUnits } from '../postback/currency.ts';
import type { DeliveryCrypto } from './crypto.ts';
import type { Call } from './template.ts';

/** What functions need in addition to the value. */
export interface FunctionContext {
  /** ISO 4217, of the amounts. */
  readonly currency: string;
  readonly crypto: DeliveryCrypto;
}

interface TemplateFunction {
  /** A description for the documents and the console. */
  readonly summary: string;
  /** A macro with the function, and what it turns a value into. */
  readonly example: readonly [macro: string, value: string, becomes: string];
  readonly takesArgument?: boolean;
  readonly apply: (value: string, context: FunctionContext, argument: string) => string;
}

const plainDecimal = /^-?\d+(?:\.\d+)?$/;

/** A value that is no amount becomes nothing: a wrong number would be booked, but a missing one is noticed. */
function ofAmount(apply: (amount: Big, context: FunctionContext) => Big): TemplateFunction['apply'] {
  return (value, context) => (plainDecimal.test(value) ? apply(new Big(value), context).toFixed() : '');
}

function ofTime(apply: (seconds: number) => string): TemplateFunction['apply'] {
  return (value) => (/^\d{1,11}$/.test(value) ? apply(Number(value)) : '');
}

/** Every function of the template language (contract section 3), by its name. */
export const templateFunctions = {
  cents: {
    summary: "the amount in the currency's minor unit: cents of dollars, whole yen, thousandths of dinars",
    example: ['{payout|cents}', '4.05', '405'],
    apply: ofAmount((amount, { currency }) => amount.times(new Big(10).pow(minorUnits(currency))).round(0, Big.roundHalfEven)),
  },
  int: {
    summary: 'the amount without decimals',
    example: ['{points|int}', '42.50', '42'],
    apply: ofAmount((amount) => amount.round(0, Big.roundDown)),
  },
  iso: {
    summary: 'the time in ISO 8601, UTC',
    example: ['{timestamp|iso}', '1769860800', '2026-01-31T12:00:00Z'],
    apply: ofTime((seconds) => new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z')),
  },
  ms: {
    summary: 'the time in milliseconds',
    example: ['{timestamp|ms}', '1769860800', '1769860800000'],
    apply: ofTime((seconds) => String(seconds * 1_000)),
  },
  default: {
    summary: 'the text to use if the value is empty',
    example: ['{sub1|default:none}', '', 'none'],
    takesArgument: true,
    apply: (value, _context, argument) => (value === '' ? argument : value),
  },
  lower: { summary: 'in lower case', example: ['{country|lower}', 'DE', 'de'], apply: (value) => value.toLowerCase() },
  upper: { summary: 'in upper case', example: ['{status|upper}', 'approved', 'APPROVED'], apply: (value) => value.toUpperCase() },
  md5: {
    summary: 'the MD5 digest, hex',
    example: ['{user_id|md5}', 'user-1', 'd6d7705392bc7af633328bea8c4c6904'],
    apply: (value, { crypto }) => crypto.digest('md5', value.toWellFormed(), 'hex'),
  },
  sha1: {
    summary: 'the SHA-1 digest, hex',
    example: ['{user_id|sha1}', 'user-1', '9dfffe450852c20c8876f6e5a37da6e469bf2c9c'],
    apply: (value, { crypto }) => crypto.digest('sha1', value.toWellFormed(), 'hex'),
  },
  sha256: {
    summary: 'the SHA-256 digest, hex',
    example: ['{user_id|sha256}', 'user-1', 'c6c289e49e9c05b2145860387b73bcb18df43fb09a1e4a4a9713c76c88bb541b'],
    apply: (value, { crypto }) => crypto.digest('sha256', value.toWellFormed(), 'hex'),
  },
  base64url: {
    summary: 'URL-safe base64, without padding',
    example: ['{user_id|base64url}', 'user?1', 'dXNlcj8x'],
    apply: (value) => base64Url(value.toWellFormed()),
  },
} as const satisfies Readonly<Record<string, TemplateFunction>>;

const byName: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>(Object.entries(templateFunctions));

/** What is wrong with a function as it is written; `undefined` when nothing is. */
export function callProblem({ name, argument }: Call): string | undefined {
  const known = byName.get(name.toLowerCase());
  if (known === undefined) return `the function ${name} is unknown`;
  if (known.takesArgument === true && argument === undefined) return `the function ${name} needs an argument, as in ${known.example[0]}`;
  return known.takesArgument !== true && argument !== undefined ? `the function ${name} takes no argument` : undefined;
}

/** Applies a function of a macro; `undefined` when no function has this name, or when it is written wrongly. */
export function applyFunction(value: string, call: Call, context: FunctionContext): string | undefined {
  return callProblem(call) === undefined ? byName.get(call.name.toLowerCase())?.apply(value, context, call.argument ?? '') : undefined;
}

function base64Url(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
