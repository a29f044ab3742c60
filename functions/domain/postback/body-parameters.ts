import { formParameters } from './form-parameters.ts';
import { jsonParameters } from './json-parameters.ts';
import { multipartParameters } from './multipart-parameters.ts';
import type { Parameter } from './parameter.ts';
import type { InboundRequest, Refusal } from './postback.ts';

/** 64 KB (contract 1.7). */
const largestBody = 65_536;

/** Decodes a body with one of the encodings that we accept (contract 1.1). */
export type Inflate = (encoding: 'gzip' | 'deflate' | 'br', body: Uint8Array, most: number) => Uint8Array | 'too_large' | 'broken';

type BodyReading = { readonly parameters: readonly Parameter[] } | { readonly refusal: Refusal };

const jsonTypes = /^(?:application|text)\/(?:[\w.-]+\+)?json$/;
const formType = 'application/x-www-form-urlencoded';
const multipartType = 'multipart/form-data';
/** Distinguishes a form from other text: a name of the usual characters, then `=`; a leading `--` belongs to multipart form data. */
const looksLikeForm = /^(?!--)[\w.[\]%+-]+=/;

/**
 * Reads the body of a POST by its content type. If that is wrong or absent, the body is read as JSON or as a form, if it parses as one
 * (contract 1.1). A form that is a JSON object is read as JSON, since `curl -d '{…}'` states a form.
 */
export function bodyParameters({ method, headers, body: sent }: InboundRequest, inflate: Inflate): BodyReading {
  if (sent.byteLength > largestBody) return { refusal: tooLarge };
  if (method !== 'POST' || sent.byteLength === 0) return { parameters: [] };
  const body = plainBody(headers['content-encoding'] ?? '', sent, inflate);
  if ('refusal' in body) return body;
  const contentType = headers['content-type'] ?? '';
  const type = mediaTypeOf(contentType);
  const text = textOf(body.bytes);
  if (type === multipartType) {
    const fields = multipartParameters(contentType, text.content, text.damaged);
    if (fields !== undefined) return { parameters: fields };
  }
  if (saysNothing(text.content)) return { parameters: [] };
  const json = jsonParameters(text.content, text.damaged);
  if ('parameters' in json) return json;
  if (type === formType || looksLikeForm.test(text.content.trimStart())) {
    return { parameters: formParameters(text.content.trim(), 'body', text.damaged) };
  }
  return { refusal: refusalOf(type, json.fault) };
}

/** Whether a body contains nothing, which counts as no body. */
export function saysNothing(body: string): boolean {
  return /^\s*(?:\{\s*\}|\[\s*\]|null|"\s*")?\s*$/.test(body);
}

const tooLarge: Refusal = { code: 'payload_too_large', message: 'The body is larger than 64 KB' };

/** The body without its content encoding. */
export function plainBody(
  encodings: string,
  sent: Uint8Array,
  inflate: Inflate,
): { readonly bytes: Uint8Array } | { readonly refusal: Refusal } {
  const encoding = encodings.trim().toLowerCase().replace(/^x-/, '');
  if (encoding === '' || encoding === 'identity') return { bytes: sent };
  if (encoding !== 'gzip' && encoding !== 'deflate' && encoding !== 'br') {
    return { refusal: { code: 'unsupported_media_type', message: 'Content-Encoding must be gzip, deflate or br' } };
  }
  const bytes = inflate(encoding, sent, largestBody);
  if (bytes === 'too_large') return { refusal: tooLarge };
  return bytes === 'broken'
    ? { refusal: { code: 'invalid_body', message: `The body could not be read: it is no ${encoding}` } }
    : { bytes };
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
