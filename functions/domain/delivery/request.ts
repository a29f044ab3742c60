import type { PostbackMethod, SuccessWhen } from '../settings.ts';
import type { DeliveryCrypto } from './crypto.ts';
import { type DeliveryFields, deliveryMacros } from './fields.ts';
import { type Forwarded, formBody, forwardOnlyBody, forwardOnlyFormBody, notIn, postBody, withParameters } from './payload.ts';
import type { OpenPostback } from './postbacks.ts';
import { carriersOf, coversBody, signatureOf } from './sign.ts';
import { type Filling, fillAddress, fillText, leadsAsWritten } from './template.ts';
import { applyFunction } from './template-functions.ts';

/** One outbound request, before it is signed by our own headers. */
export interface OutboundRequest {
  readonly url: string;
  readonly method: PostbackMethod;
  readonly body?: string | undefined;
  /** Present with a body. */
  readonly contentType?: string | undefined;
  /** The postback's own, filled. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of headers whose values are shown to nobody. */
  readonly secretHeaders: readonly string[];
  readonly successWhen?: SuccessWhen | undefined;
}

/** What a delivery says: a step of a conversion, a forward-only partner's parameters as they came, or a text as it stands. */
export type Content =
  | { readonly fields: DeliveryFields }
  | (Forwarded & { readonly deliveryId: string; readonly publisherId: string })
  | { readonly json: string };

/**
 * The request of one attempt (contract section 3). Pure: the same postback and content make the same request.
 *
 * @returns `invalid_request` when a value would make it go elsewhere than the address says, or the address is too long.
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

/** What a forward-only partner's postback says under a macro's name. @param ours what it cannot say itself. */
export function forwardedValues({ parameters, said }: Forwarded, ours: DeliveryFields): Filling['lookUp'] {
  const fields: DeliveryFields = { ...said, ...ours };
  const sent = (wanted: string | undefined): string | undefined => parameters.find(([name]) => name.toLowerCase() === wanted)?.[1];
  return (name) => {
    const field = deliveryMacros.get(name);
    return (field === undefined ? undefined : fields[field]) ?? sent(name) ?? sent(field);
  };
}

/** A forward-only GET carries the parameters behind what the address says itself. */
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

/** A header is one line of ASCII. */
function headerText(text: string): string {
  return text.toWellFormed().replace(/[^\x20-\x7e]/gu, encodeURIComponent);
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Whether the words of an answer say that the delivery was taken. */
export function saysSuccess(when: SuccessWhen | undefined, body: string): boolean {
  if (when === undefined) return true;
  return 'body_equals' in when ? body.trim() === when.body_equals.trim() : body.includes(when.body_contains);
}
