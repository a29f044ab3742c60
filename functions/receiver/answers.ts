import { errorCodes, type PostbackErrorCode } from '../domain/codes.ts';
import { answerBody } from '../domain/networks/answer.ts';
import type { Answer } from '../runtime/http.ts';
import { json, text } from '../runtime/http.ts';
import type { Reply } from './receive-postback.ts';

const success = { status: 'success', message: 'Postback received and distributed' } as const;

/** Seconds after which a refused request may be sent again. */
const retryAfter: Readonly<Partial<Record<PostbackErrorCode, string>>> = { unavailable: '5', rate_limited: '1' };

/** The answer to a partner (contract 1.7): JSON, unless the partner or its network expects something else. */
export function answerOf(reply: Reply): Answer {
  const { code, result, logId } = reply;
  const refused = refusalOf(reply);
  const wanted = wantedBody(reply);
  if (wanted !== undefined) {
    const headers = { ...(refused === undefined ? {} : headersOf(refused)), 'content-type': wanted.contentType };
    return text(refused === undefined ? 200 : errorCodes[refused].http, wanted.text, headers);
  }
  if (refused !== undefined) {
    return json(
      errorCodes[refused].http,
      { status: 'error', code: refused, message: reply.message ?? errorCodes[refused].message, log_id: logId },
      headersOf(refused),
    );
  }
  return json(200, { ...success, log_id: logId, result, code: code ?? null });
}

/** The answer at the older path, which is plain text (contract 1.9). */
export function olderAnswerOf(reply: Reply): Answer {
  const refused = refusalOf(reply);
  if (refused === undefined) return text(200, wantedBody(reply)?.text ?? 'OK');
  return text(errorCodes[refused].http, `ERROR: ${reply.message ?? errorCodes[refused].message}`, headersOf(refused));
}

function headersOf(code: PostbackErrorCode): Record<string, string> {
  const seconds = retryAfter[code];
  return {
    ...(seconds === undefined ? {} : { 'retry-after': seconds }),
    ...(code === 'method_not_allowed' ? { allow: 'GET, POST, HEAD' } : {}),
  };
}

/** Some codes are used both for errors and for held postbacks; the result says which is meant. */
function refusalOf({ result, code }: Reply): PostbackErrorCode | undefined {
  if (result !== 'error' || code === undefined) return undefined;
  return isErrorCode(code) ? code : undefined;
}

function isErrorCode(code: string): code is PostbackErrorCode {
  return Object.hasOwn(errorCodes, code);
}

function wantedBody({ partner, result, understanding }: Reply): ReturnType<typeof answerBody> {
  if (partner === undefined || understanding === undefined) return undefined;
  const parameters = understanding.understood ? understanding.parameters : (understanding.sent ?? []);
  const transactionId = understanding.understood ? understanding.postback.transactionId : undefined;
  return answerBody(understanding.network, partner.response, { result, parameters, transactionId });
}
