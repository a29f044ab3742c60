import type { StandardParameter } from '../postback/postback.ts';
import type { AnswerBodies } from '../settings.ts';
import type { PostbackStatus } from '../status.ts';
import type { Carrier, SignatureRecipe } from './signature.ts';

/** A parameter that was sent with one of the values, which are compared in lower case. */
export interface SentValue {
  readonly parameter: string;
  readonly values: readonly string[];
}

/** How a network marks that it takes a payment back, beyond a status word. Each mark alone is enough. */
interface ReversalMarks {
  readonly flag?: SentValue;
  /** An amount below zero reverses. Without it such an amount is `invalid_payout`. */
  readonly negativePayout?: true;
  /** Reversals come with this event (usually in the path); the event they reverse is `complete`. */
  readonly event?: string;
}

/**
 * How one network sends postbacks (contract 1.8). Data, except that a signature recipe is put together from functions.
 * What is left out is as for a partner without a preset.
 */
export interface Preset {
  readonly name: string;
  /** `{our: [their names]}`. Naming the source of a parameter switches its aliases off. */
  readonly parameters: Readonly<Partial<Record<StandardParameter, readonly string[]>>>;
  /** What one unit of its amounts is in units of the currency: '0.01' for cents. */
  readonly payoutUnit?: string;
  /** `{word: status}` in lower case, before the words of contract 1.5. */
  readonly statusWords?: Readonly<Record<string, PostbackStatus>>;
  readonly reversal?: ReversalMarks;
  /** What marks a test. */
  readonly test?: SentValue;
  /** Values of its event parameter that mean "no particular event". */
  readonly noEvent?: readonly string[];
  readonly signature?: SignatureRecipe;
  /** Addresses and ranges it says it sends from. */
  readonly addresses?: readonly string[];
  /** What it wants to read in a 200 answer; absent: any 200 will do. */
  readonly response?: AnswerBodies;
}

/** The parameters that a signature travels in. */
export function namesOf(carrier: Carrier): readonly string[] {
  return carrier.kind === 'parameter' ? carrier.names : [];
}
