import { AttemptError } from './attempt-error.ts';

/**
 * `public`: https to globally routable IP addresses only (contract section 3).
 * `local`: also http, and loopback; every other IP address that is not public is still refused.
 */
export type OutboundPolicy = 'public' | 'local';

/** A URL split up for dialling. */
export interface Destination {
  readonly secure: boolean;
  /** A name, or an IP literal in its only normal form, IPv6 without brackets: `2130706433` and `0x7f.1` have become `127.0.0.1`. */
  readonly hostname: string;
  readonly port: number;
  /** Path and query, exactly as they are sent in the request line. */
  readonly target: string;
}

/**
 * Reads a URL under a policy. Where it leads is decided at the connection, not here.
 *
 * @throws AttemptError `invalid_url`, `not_https` or `credentials_in_url`.
 */
export function readDestination(address: string, policy: OutboundPolicy): Destination {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new AttemptError('invalid_url');
  // URL parsers accept braces. Here they are macros that were not filled, because they would have chosen the host.
  if (/[{}]/.test(url.hostname)) throw new AttemptError('invalid_url');
  const secure = url.protocol === 'https:';
  if (!secure && policy === 'public') throw new AttemptError('not_https');
  if (url.username !== '' || url.password !== '') throw new AttemptError('credentials_in_url');
  const defaultPort = secure ? 443 : 80;
  return {
    secure,
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? defaultPort : Number(url.port),
    target: targetOf(url),
  };
}

/**
 * The request target (path and query) that a GET to this URL sends, which is what its signature covers. An invalid URL has none; its
 * attempt fails as `invalid_url` whatever was signed.
 */
export function requestTarget(address: string): string {
  const url = URL.parse(address);
  return url === null ? '' : targetOf(url);
}

function targetOf(url: URL): string {
  return url.pathname + url.search;
}
