import type { PostbackMethod, SuccessWhen } from '../settings.ts';
import type { DeliveryCrypto } from './crypto.ts';
import { type DeliveryFields, deliveryMacros } from './fields.ts';
import { type Forwarded, formBody, forwardOnlyBody, forwardOnlyFormBody, notIn, postBody, withParameters } from './payload.ts';
import type { OpenPostback } from './postbacks.ts';
import { carriersOf, coversBody, signatureOf } from './sign.ts';
import { type Filling, fillAddress, fillText, leadsAsWritten } from './template.ts';
import { applyFunction } from './template-functions.ts';

/** One outbound request, before our own headers sign it. */
export interface OutboundRequest {
  readonly url: string;
  readonly method: PostbackMethod;
  readonly body?: string | undefined;
  /** Present with a body. */
  readonly contentType?: string | undefined;
  /** The postback's own headers, with their macros filled. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of the headers whose values nobody is shown. */
  readonly secretHeaders: readonly string[];
  readonly successWhen?: SuccessWhen | undefined;
}

/** The content of a delivery: a step of a conversion, the parameters of a forward-only partner as they were received, or a fixed text. */
export type Content =
  | { readonly fields: DeliveryFields }
  | (Forwarded & { readonly deliveryId: string; readonly publisherId: string })
  | { readonly json: string };

/**
 * The request of one attempt (contract section 3). Pure: the same postback and content give the same request.
 *
 * @returns `invalid_request` when a value would lead to a place other than the URL says, or when the URL is too long.
 */
export function buildRequest(postback: OpenPostback, content: Content, crypto: DeliveryCrypto): OutboundRequest | 'invalid_request' {
  const { url: template, method, sign } = postback;
  const unsigned = fillingOf(content, '', crypto);
  const signature =
    sign &&
    signatureOf(
      sign,
      {
        method,
        url: addressOf(postback, content, unsigned),
        body: bodyOf(postback, content, undefined),
        carriers: carriersOf(template),
        filling: unsigned,
      },
      crypto,
    );
  const filling = fillingOf(content, signature ?? '', crypto);
  if (!leadsAsWritten(template, filling)) return 'invalid_request';
  const body = bodyOf(postback, content, sign !== undefined && !coversBody(sign.message) ? signature : undefined);
  const { headers = [], basic_auth, success_when: successWhen } = postback;
  return {
    url: addressOf(postback, content, filling),
    method,
    ...(body === undefined
      ? {}
      : { body, contentType: postback.content_type === 'form' ? 'application/x-www-form-urlencoded' : 'application/json' }),
    headers: {
      ...Object.fromEntries(headers.map(({ name, value }) => [name, headerText(fillText(value, filling))])),
      ...(basic_auth && { authorization: `Basic ${base64(`${basic_auth.username}:${basic_auth.password}`)}` }),
    },
    secretHeaders: [...headers.filter(({ secret }) => secret).map(({ name }) => name), ...(basic_auth ? ['authorization'] : [])],
    successWhen,
  };
}

function fillingOf(content: Content, signature: string, crypto: DeliveryCrypto): Filling {
  const lookUp = valuesOf(content);
  const context = { currency: lookUp('currency') ?? '', crypto };
  return {
    lookUp: (name) => (name === 'signature' ? signature : lookUp(name)),
    apply: (value, call) => applyFunction(value, call, context),
  };
}

function valuesOf(content: Content): Filling['lookUp'] {
  if ('json' in content) return () => undefined;
  if ('fields' in content)
    return (name) => {
      const field = deliveryMacros.get(name);
      return field === undefined ? undefined : content.fields[field];
    };
  const { parameters, said, deliveryId, publisherId } = content;
  return forwardedValues({ parameters, said }, { delivery_id: deliveryId, publisher_id: publisherId });
}

/** What a forward-only partner's postback contains under a macro's name. @param ours values that it cannot contain itself. */
export function forwardedValues({ parameters, said }: Forwarded, ours: DeliveryFields): Filling['lookUp'] {
  const fields: DeliveryFields = { ...said, ...ours };
  const sent = (wanted: string | undefined): string | undefined => parameters.find(([name]) => name.toLowerCase() === wanted)?.[1];
  return (name) => {
    const field = deliveryMacros.get(name);
    return (field === undefined ? undefined : fields[field]) ?? sent(name) ?? sent(field);
  };
}

/** The filled URL; a forward-only GET has the parameters added to it. */
function addressOf({ url, method }: OpenPostback, content: Content, filling: Filling): string {
  const filled = fillAddress(url, filling);
  return 'parameters' in content && method === 'GET' ? withParameters(filled, content.parameters) : filled;
}

function bodyOf({ url, method, content_type }: OpenPostback, content: Content, signature: string | undefined): string | undefined {
  if (method === 'GET') return undefined;
  if ('json' in content) return content.json;
  if ('fields' in content) {
    const fields = { ...content.fields, signature };
    return content_type === 'form' ? formBody(fields) : postBody(fields);
  }
  const parameters = notIn(url, content.parameters);
  return content_type === 'form' ? forwardOnlyFormBody(parameters) : forwardOnlyBody(parameters);
}

/** Text for a header, which is one line of ASCII. */
function headerText(text: string): string {
  return text.toWellFormed().replace(/[^\x20-\x7e]/gu, encodeURIComponent);
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Whether an answer's body says that the delivery was accepted. */
export function saysSuccess(when: SuccessWhen | undefined, body: string): boolean {
  if (when === undefined) return true;
  return 'body_equals' in when ? body.trim() === when.body_equals.trim() : body.includes(when.body_contains);
}
