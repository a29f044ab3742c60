import { formParameters } from './form-parameters.ts';
import { jsonParameters } from './json-parameters.ts';
import { multipartParameters } from './multipart-parameters.ts';
import type { Parameter } from './parameter.ts';
import type { InboundRequest, Refusal } from './postback.ts';

/** 64 KB (contract 1.7). */
const largestBody = 65_536;

type BodyReading = { readonly parameters: readonly Parameter[] } | { readonly refusal: Refusal };

const jsonTypes = /^(?:application|text)\/(?:[\w.-]+\+)?json$/;
const formType = 'application/x-www-form-urlencoded';
const multipartType = 'multipart/form-data';
/** What tells a form from any other text: a name of the usual characters, then `=`; `--` opens multipart form data. */
const looksLikeForm = /^(?!--)[\w.[\]%+-]+=/;

/**
 * Reads the body of a POST by its content type, and when that is wrong or absent as JSON or a form if it parses as one (contract 1.1).
 * A form that is a JSON object is JSON: `curl -d '{…}'` says form.
 */
export function bodyParameters({ method, headers, body }: InboundRequest): BodyReading {
  if (body.byteLength > largestBody) return { refusal: { code: 'payload_too_large', message: 'The body is larger than 64 KB' } };
  if (method !== 'POST' || body.byteLength === 0) return { parameters: [] };
  const contentType = headers['content-type'] ?? '';
  const type = mediaTypeOf(contentType);
  const text = textOf(body);
  if (type === multipartType) {
    const fields = multipartParameters(contentType, text.content, text.damaged);
    if (fields !== undefined) return { parameters: fields };
  }
  if (text.content.trim() === '') return { parameters: [] };
  const json = jsonParameters(text.content, text.damaged);
  if ('parameters' in json) return json;
  if (type === formType || looksLikeForm.test(text.content.trimStart())) {
    return { parameters: formParameters(text.content.trim(), 'body', text.damaged) };
  }
  return { refusal: refusalOf(type, json.fault) };
}

function mediaTypeOf(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

function textOf(body: Uint8Array): { readonly content: string; readonly damaged: boolean } {
  try {
    return { content: new TextDecoder('utf-8', { fatal: true }).decode(body), damaged: false };
  } catch {
    return { content: new TextDecoder().decode(body), damaged: true };
  }
}

function refusalOf(type: string, fault: string): Refusal {
  if (type === multipartType) return { code: 'invalid_body', message: 'The body could not be read: it is not valid multipart form data' };
  if (type === '' || jsonTypes.test(type)) return { code: 'invalid_body', message: `The body could not be read: ${fault}` };
  return { code: 'unsupported_media_type', message: 'Send JSON, a form or multipart form data' };
}
