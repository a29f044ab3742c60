import { type Parameter, shown } from '../postback/parameter.ts';
import type { InboundRequest, Refusal } from '../postback/postback.ts';
import type { Crypto, Message } from './crypto.ts';

/** Where a signature travels: in a parameter of one of these names, or in a header (lower case). */
export type Carrier =
  | { readonly kind: 'parameter'; readonly names: readonly string[] }
  | { readonly kind: 'header'; readonly name: string };

/** A signed request, as recipes see it. */
export interface SignedRequest {
  readonly request: InboundRequest;
  /** Origin and path prefix that the partner called: its `public_base_url`, else the request's origin. */
  readonly base: string;
  readonly parameters: readonly Parameter[];
}

/** The text that was signed, or why this request cannot have been signed by the recipe. */
export type Composed = { readonly message: Message } | { readonly fault: string };

/** How a network signs: where the signature is, what it covers, the text that is signed, and the seal on it. */
export interface SignatureRecipe {
  readonly carrier: Carrier;
  /**
   * What the signature vouches for. Parameters from another part of the request would be believed unsigned, and could
   * override signed ones, so they are refused.
   * `query`: the query. `body_or_query`: the body of a POST, the query of a GET. `values`: some values, wherever they are sent.
   */
  readonly covers: 'query' | 'body_or_query' | 'values';
  compose(signed: SignedRequest): Composed;
  seal(crypto: Crypto, secret: string, message: Message): string;
  /** A header with the time of signing in epoch seconds, and how many seconds it may be off. */
  readonly freshness?: { readonly header: string; readonly seconds: number };
}

export interface SignatureCheck {
  /** `undefined`: the network does not sign. */
  readonly recipe: SignatureRecipe | undefined;
  readonly request: InboundRequest;
  readonly parameters: readonly Parameter[];
  /** In clear; several while one is being rotated, each is good. None: there is nothing to check against. */
  readonly secrets: readonly string[];
  /** Overrides the origin of full-URL recipes, with its path prefix if it has one. */
  readonly publicBaseUrl?: string | undefined;
}

export type Verification =
  | { readonly outcome: 'valid' }
  /** The network does not sign, or no secret is configured: the key in the address is all there is. */
  | { readonly outcome: 'unchecked' }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

/**
 * Checks a request's signature before anything it says is believed (contract 1.8).
 *
 * @param now epoch milliseconds.
 */
export function verifySignature(check: SignatureCheck, crypto: Crypto, now: number): Verification {
  const { recipe, request, parameters, secrets } = check;
  if (recipe === undefined || secrets.length === 0) return { outcome: 'unchecked' };
  const [carried, ...more] = carriedBy(recipe.carrier, check);
  if (carried === undefined) return refused('signature_missing', `The request is not signed: ${placeOf(recipe.carrier)} is missing`);
  if (more.length > 0) return invalid(`${placeOf(recipe.carrier)} was sent more than once`);
  const uncovered = parameters.find((parameter) => !isCovered(parameter, recipe, request));
  if (uncovered !== undefined) return invalid(`it does not cover the ${uncovered.source}, which holds ${shown(uncovered.name)}`);
  const composed = recipe.compose({ request, parameters, base: baseOf(check) });
  if ('fault' in composed) return invalid(composed.fault);
  // An empty secret would be one that everybody knows.
  const matches = secrets.filter((secret) => secret !== '' && crypto.equal(recipe.seal(crypto, secret, composed.message), carried));
  if (matches.length === 0) return refused('signature_invalid', 'The signature does not match');
  if (recipe.freshness !== undefined && !isFresh(recipe.freshness, request, now)) {
    return invalid(`${recipe.freshness.header} is more than ${recipe.freshness.seconds} seconds from our time`);
  }
  return { outcome: 'valid' };
}

/** The distinct signatures that were sent. */
function carriedBy(carrier: Carrier, { request, parameters }: SignatureCheck): readonly string[] {
  const sent =
    carrier.kind === 'header'
      ? [request.headers[carrier.name] ?? '']
      : parameters.filter(({ name }) => carrier.names.includes(name)).map(({ text }) => text ?? '');
  // The `+` of a base64 signature that was not percent-encoded has been read as a space.
  return [...new Set(sent.filter((text) => text !== ''))].map((text) => text.replaceAll(' ', '+'));
}

function placeOf(carrier: Carrier): string {
  return carrier.kind === 'header' ? `the header ${carrier.name}` : `the parameter ${carrier.names.join(' or ')}`;
}

function isCovered({ source }: Parameter, { covers }: SignatureRecipe, { method }: InboundRequest): boolean {
  if (covers === 'values') return true;
  return source === (covers === 'body_or_query' && method === 'POST' ? 'body' : 'query');
}

function baseOf({ publicBaseUrl, request }: SignatureCheck): string {
  return publicBaseUrl === undefined ? request.origin : publicBaseUrl.replace(/\/+$/, '');
}

function isFresh(
  { header, seconds }: { readonly header: string; readonly seconds: number },
  request: InboundRequest,
  now: number,
): boolean {
  const signedAt = Number(request.headers[header]) * 1000;
  return Math.abs(now - signedAt) <= seconds * 1000;
}

function invalid(reason: string): Verification {
  return refused('signature_invalid', `The signature cannot be accepted: ${reason}`);
}

function refused(code: Refusal['code'], message: string): Verification {
  return { outcome: 'refused', refusal: { code, message } };
}
