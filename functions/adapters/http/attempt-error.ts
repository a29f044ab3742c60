import type { FailureCode } from '../../domain/delivery/outcome.ts';

/** A failure whose stable code is known where it happens. */
export class AttemptError extends Error {
  override name = 'AttemptError';
  readonly code: FailureCode;

  constructor(code: FailureCode, cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

/** The names of Node's sockets, TLS and HTTP parser for failures that have a code of their own here. */
const nodeCodes: ReadonlyMap<string, FailureCode> = new Map<string, FailureCode>([
  ['ABORT_ERR', 'timeout'],
  ['ETIMEDOUT', 'timeout'],
  ['ECONNREFUSED', 'connect_refused'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['HPE_HEADER_OVERFLOW', 'headers_too_large'],
  ['ERR_INVALID_CHAR', 'invalid_request'],
  ['ERR_INVALID_HTTP_TOKEN', 'invalid_request'],
  ['ERR_UNESCAPED_CHARACTERS', 'invalid_request'],
]);

/**
 * Node's own code of an error, `''` if it has none. It goes by the error's shape instead of its class, since errors of core modules can
 * come from another realm.
 */
export function nodeCodeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The stable code of anything that was thrown before an answer began. */
export function failureCodeOf(error: unknown): FailureCode {
  if (error instanceof AttemptError) return error.code;
  const code = nodeCodeOf(error);
  return nodeCodes.get(code) ?? (code.startsWith('HPE_') ? 'invalid_answer' : 'network');
}
