import type { InboundRequest } from '../postback/postback.ts';
import { namesIn } from './carrier.ts';
import { type Piece, piecesOf } from './message.ts';
import type { Network, Signing } from './network.ts';

/** What a valid signature covers; only that may decide anything (contract 1.8). */
export interface Coverage {
  /** The path, and so the event in it. */
  readonly path: boolean;
  readonly query: boolean;
  readonly body: boolean;
  /** Query parameters that are not covered even if the query is. */
  readonly except: ReadonlySet<string>;
  /** Parameters whose value is in the signed text, wherever they were sent. */
  readonly names: ReadonlySet<string>;
  /** The text contains values without their names, so somebody else could send them under other names. */
  readonly nameless: boolean;
}

/** What the signature of a request of this method covers. */
export function coverageOf(signing: Signing, method: InboundRequest['method']): Coverage {
  const pieces = piecesOf(signing, method);
  const has = (...kinds: readonly Piece['kind'][]): boolean => pieces.some(({ kind }) => kinds.includes(kind));
  const named = pieces.flatMap((piece) => (piece.kind === 'value' ? [piece.name] : []));
  return {
    path: has('url', 'target', 'url_before'),
    query: has('url', 'target', 'url_before', 'sorted'),
    body: has('body'),
    except: new Set([...namesIn(signing.in), ...(has('sorted') ? (signing.exclude ?? []) : [])]),
    names: new Set(signing.covers ?? named),
    nameless: pieces.some((piece) => piece.kind === 'sorted' && piece.of === 'values'),
  };
}

/**
 * Whether the text of a used signature must be remembered: because the signature covers the transaction but could be used for another click
 * or another transaction, or because the network says that one text is one payment.
 */
export function isTextSpent({ names }: Pick<Network, 'names'>, signing: Signing, method: InboundRequest['method']): boolean {
  if (signing.one_text === true) return true;
  const { query, body, names: covered } = coverageOf(signing, method);
  const vouches = (sources: readonly string[] | undefined): boolean => sources?.some((name) => covered.has(name)) ?? false;
  if (query || body || !vouches(names.transaction_id)) return false;
  return !vouches(names.click_id) || names.transaction_id?.some((name) => !covered.has(name)) === true || runsTogether(signing, method);
}

/** Whether two values follow each other directly, so that nobody can tell where the first one ends. */
function runsTogether(signing: Signing, method: InboundRequest['method']): boolean {
  const pieces = piecesOf(signing, method);
  return pieces.some((piece, index) => piece.kind === 'value' && pieces[index + 1]?.kind === 'value');
}
