import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import { type DeliveryFields, deliveryFieldNames } from '../../../functions/domain/delivery/fields.ts';
import { formBody, forwardOnlyBody, forwardOnlyFormBody, type Parameter, postBody } from '../../../functions/domain/delivery/payload.ts';
import type { OpenPostback } from '../../../functions/domain/delivery/postbacks.ts';
import { buildRequest, type OutboundRequest } from '../../../functions/domain/delivery/request.ts';
import { anyCodePoints } from '../../support/any-code-points.ts';

describe('the body of a POST', () => {
  test('contains every field under its own name, absent ones as null, amounts as text', () => {
    const body: unknown = JSON.parse(postBody({ click_id: 'CLK-1', payout: '7.10', points: '-7.10', timestamp: '1732400000' }));
    expect(Object.keys(Object(body))).toEqual([...deliveryFieldNames]);
    expect(body).toMatchObject({ click_id: 'CLK-1', payout: '7.10', points: '-7.10', timestamp: '1732400000', reason: null });
  });

  test('is the same text every time, whatever the order of its fields was', () => {
    expect(postBody({ status: 'approved', click_id: 'C' })).toBe(postBody({ click_id: 'C', status: 'approved' }));
  });

  test('is well-formed whatever the values are', () => {
    expect(JSON.parse(postBody({ username: 'a\ud800\n' }))).toMatchObject({ username: 'a\ufffd\n' });
  });
});

describe('the body of a form', () => {
  test('contains the same fields as the JSON, absent ones empty', () => {
    const form = new URLSearchParams(formBody({ click_id: 'CLK-1', username: 'a b&c=d+é~', points: '-7.10' }));
    expect([...form.keys()]).toEqual([...deliveryFieldNames]);
    expect([form.get('click_id'), form.get('username'), form.get('points'), form.get('reason')]).toEqual([
      'CLK-1',
      'a b&c=d+é~',
      '-7.10',
      '',
    ]);
  });
});

/** The URL of a forward-only GET, as it is sent. */
function forwardOnlyUrl(url: string, parameters: readonly Parameter[], said: DeliveryFields = {}): string {
  return requestOf('GET', url, parameters, said).url;
}

function requestOf(method: 'GET' | 'POST', url: string, parameters: readonly Parameter[], said: DeliveryFields = {}): OutboundRequest {
  const postback: OpenPostback = { opened: true, url, method, content_type: 'json', status: 'active' };
  const request = buildRequest(postback, { parameters, said, deliveryId: 'D', publisherId: 'P' }, nodeCrypto);
  if (request === 'invalid_request') throw new Error(request);
  return request;
}

describe('forward-only', () => {
  const parameters: readonly Parameter[] = [
    ['click_id', 'C 1'],
    ['status', 'approved'],
    ['x', '1'],
    ['x', '2'],
  ];

  test.each([
    ['https://pub.example/cb', 'https://pub.example/cb?click_id=C%201&status=approved&x=1&x=2'],
    ['https://pub.example/cb?', 'https://pub.example/cb?click_id=C%201&status=approved&x=1&x=2'],
    ['https://pub.example/cb?token=t#top', 'https://pub.example/cb?token=t&click_id=C%201&status=approved&x=1&x=2'],
    ['https://pub.example/{click_id}?s={x}', 'https://pub.example/C%201?s=1&click_id=C%201&status=approved&x=1&x=2'],
    ['https://pub.example/?status={status:approved=1}', 'https://pub.example/?status=1&click_id=C%201&x=1&x=2'],
    ['https://pub.example/?a={nothing}', 'https://pub.example/?a=&click_id=C%201&status=approved&x=1&x=2'],
  ])('GET %s', (template, url) => {
    expect(forwardOnlyUrl(template, parameters)).toBe(url);
  });

  test('a field wins over a parameter of its name, and a synonym finds the parameter', () => {
    expect(
      forwardOnlyUrl(
        'https://p.example/{trans}/{payout}/{publisher_id}',
        [
          ['transaction_id', 'T'],
          ['payout', '9'],
        ],
        { payout: '5' },
      ),
    ).toBe('https://p.example/T/5/P?transaction_id=T&payout=9');
  });

  test('a partner cannot override what a publisher put into its own URL', () => {
    const url = new URL(forwardOnlyUrl('https://pub.example/cb?token=secret', [['token', 'forged']]));
    expect(url.searchParams.getAll('token')).toEqual(['secret']);
  });

  test.each(['Token', ' token', 'amp;token', 'token[]', 'token[0]', 'TOKEN ', 'token\0', '\u200btoken', 'ｔoken', 'token[x]', 'token[][]'])(
    'nor by the near miss %j',
    (name) => {
      const url = new URL(forwardOnlyUrl('https://pub.example/cb?token=secret', [[name, 'forged']]));
      expect([...url.searchParams]).toEqual([['token', 'secret']]);
    },
  );

  test('as a form: the parameters in their order, nested ones as JSON', () => {
    const body = forwardOnlyFormBody([
      ['a', '1 2'],
      ['b', '{"c":1}', true],
      ['a', '3'],
    ]);
    expect([...new URLSearchParams(body)]).toEqual([
      ['a', '1 2'],
      ['b', '{"c":1}'],
      ['a', '3'],
    ]);
  });

  test('POST: macros are filled in the URL, and the parameters are in the body', () => {
    expect(requestOf('POST', 'https://pub.example/{click_id}', parameters).url).toBe('https://pub.example/C%201');
    expect(JSON.parse(forwardOnlyBody(parameters))).toEqual({ click_id: 'C 1', status: 'approved', x: ['1', '2'] });
    expect(forwardOnlyBody([['__proto__', 'x']])).toBe('{"__proto__":"x"}');
  });

  test('nothing to add adds nothing', () => {
    expect(forwardOnlyUrl('https://pub.example/cb', [])).toBe('https://pub.example/cb');
  });

  test('any parameters come back from the query as they were', () => {
    const text = anyCodePoints();
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (sent) => {
        const url = new URL(forwardOnlyUrl('https://pub.example/cb', sent));
        expect([...url.searchParams]).toEqual(sent.map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]));
      }),
    );
  });
});
