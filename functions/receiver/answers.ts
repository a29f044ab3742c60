import { answerTypeOf } from '../domain/answer-types.ts';
import { errorCodes, type HeldCode, type PostbackErrorCode } from '../domain/codes.ts';
import { presetOf } from '../domain/presets/presets.ts';
import type { Answer } from '../runtime/http.ts';
import { json, text } from '../runtime/http.ts';
import type { Reply } from './receive-postback.ts';

const success = { status: 'success', message: 'Postback received and distributed' } as const;

/** Seconds after which a refused request may be sent again. */
const retryAfter: Readonly<Partial<Record<PostbackErrorCode, string>>> = { unavailable: '5', rate_limited: '1' };

/** The answer to a partner (contract 1.7): JSON, unless the partner or its network wants to read something else in a 200. */
export function answerOf(reply: Reply): Answer {
  const { code, result, logId } = reply;
  if (isErrorCode(code)) {
    return json(
      errorCodes[code].http,
      { status: 'error', code, message: reply.message ?? errorCodes[code].message, log_id: logId },
      headersOf(code),
    );
  }
  const wanted = wantedBody(reply);
  if (wanted !== undefined) return text(200, wanted.text, { 'content-type': wanted.contentType });
  return json(200, { ...success, log_id: logId, result, code: code ?? null });
}

/** The older address answers plain text (contract 1.9). */
export function olderAnswerOf(reply: Reply): Answer {
  const { code } = reply;
  if (!isErrorCode(code)) return text(200, wantedBody(reply)?.text ?? 'OK');
  return text(errorCodes[code].http, `ERROR: ${reply.message ?? errorCodes[code].message}`, headersOf(code));
}

function headersOf(code: PostbackErrorCode): Record<string, string> {
  const seconds = retryAfter[code];
  return {
    ...(seconds === undefined ? {} : { 'retry-after': seconds }),
    ...(code === 'method_not_allowed' ? { allow: 'GET, POST, HEAD' } : {}),
  };
}

function isErrorCode(code: PostbackErrorCode | HeldCode | undefined): code is PostbackErrorCode {
  return code !== undefined && Object.hasOwn(errorCodes, code);
}

function wantedBody({ partner, result }: Reply): { text: string; contentType: string } | undefined {
  const preset = partner === undefined ? undefined : presetOf(partner)?.response;
  const own = partner?.response;
  const usual = own?.success ?? preset?.success;
  const body = result === 'duplicate' ? (own?.duplicate ?? preset?.duplicate ?? usual) : usual;
  return body === undefined
    ? undefined
    : { text: body, contentType: `${answerTypeOf(own?.content_type ?? preset?.content_type ?? '') ?? 'text/plain'}; charset=utf-8` };
}
