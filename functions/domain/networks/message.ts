import type { InboundRequest } from '../postback/postback.ts';
import type { Signing } from './network.ts';

/** A piece of the text that a network signs. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'secret' }
  | { readonly kind: 'body' | 'method' | 'target' | 'url' | 'timestamp' }
  | { readonly kind: 'url_before'; readonly name: string }
  | { readonly kind: 'sorted'; readonly of: 'form' | 'pairs' | 'values'; readonly separator: string }
  | { readonly kind: 'value'; readonly name: string; readonly as: 'decoded' | 'raw' | 'int'; readonly optional: boolean };

const placeholder = /\{([^{}]+)\}/g;
const whole = ['body', 'method', 'target', 'url'] as const;

/** The pieces of the text that is signed for a request of this method. */
export function piecesOf({ message, timestamp }: Signing, method: InboundRequest['method']): readonly Piece[] {
  return piecesOfText(typeof message === 'string' ? message : message[method], timestamp !== undefined);
}

/** The pieces of a message. @param hasTime whether `{timestamp}` is the time of signing instead of a parameter's name. */
export function piecesOfText(text: string, hasTime: boolean): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { 0: found, 1: inside = '', index } of text.matchAll(placeholder)) {
    if (index > at) pieces.push({ kind: 'text', text: text.slice(at, index) });
    pieces.push(pieceOf(inside, hasTime));
    at = index + found.length;
  }
  if (at < text.length) pieces.push({ kind: 'text', text: text.slice(at) });
  return pieces;
}

function pieceOf(inside: string, hasTime: boolean): Piece {
  if (inside === 'secret') return { kind: 'secret' };
  const known = whole.find((name) => name === inside);
  if (known !== undefined) return { kind: known };
  if (inside === 'timestamp' && hasTime) return { kind: 'timestamp' };
  if (inside === 'sorted_query') return { kind: 'sorted', of: 'form', separator: '&' };
  const [, word = '', rest = ''] = /^(url_before|sorted_query|sorted_values|raw|int|decoded):(.*)$/s.exec(inside) ?? [];
  switch (word) {
    case 'url_before':
      return { kind: 'url_before', name: rest };
    case 'sorted_query':
      return { kind: 'sorted', of: 'pairs', separator: rest };
    case 'sorted_values':
      return { kind: 'sorted', of: 'values', separator: rest };
    case 'raw':
    case 'int':
      return { kind: 'value', as: word, ...optionalName(rest) };
    default:
      return { kind: 'value', as: 'decoded', ...optionalName(word === 'decoded' ? rest : inside) };
  }
}

function optionalName(text: string): { readonly name: string; readonly optional: boolean } {
  return text.endsWith('?') ? { name: text.slice(0, -1), optional: true } : { name: text, optional: false };
}
