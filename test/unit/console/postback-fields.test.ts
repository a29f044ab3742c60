import { describe, expect, test } from '@jest/globals';
import type { Postback } from '../../../functions/admin/console/core/types.ts';
import {
  keptOf,
  newPostbackTexts,
  postbackFields,
  postbackTexts,
  sentOf,
} from '../../../functions/admin/console/pages/setup/postback-fields.ts';
import { keptSecret, sentPostback } from '../../../functions/admin/schemas/publisher-postback.ts';

const stored: Postback = {
  postback_id: 'deposits',
  url: 'https://publisher.example/p?c={click_id}&h={signature}',
  method: 'POST',
  content_type: 'form',
  offer_ids: ['offer, with a comma', 'other'],
  events: ['deposit'],
  statuses: ['approved'],
  placement_ids: ['main-wall'],
  when: { field: 'country', op: 'eq', value: 'DE' },
  headers: { 'x-source': 'us', 'x-api-key': keptSecret },
  basic_auth: { username: 'them' },
  success_when: { body_equals: ' OK' },
  rate_per_second: 2.5,
  sign: { algorithm: 'sha256', encoding: 'base64', message: '{click_id}{secret}' },
  status: 'inactive',
  endpoint: { state: 'active', reason: null, since: null, consecutive_failures: 0 },
};

/** The text that a person types into each field, and the part of the postback that the API is then sent. */
const changes: Readonly<Record<string, readonly [text: string, sent: object]>> = {
  url: ['https://publisher.example/q', { url: 'https://publisher.example/q' }],
  method: ['GET', { method: 'GET', content_type: null }],
  offer_ids: ['a, b', { offer_ids: ['a', 'b'] }],
  placement_ids: ['wall-1\nwall-2', { placement_ids: ['wall-1', 'wall-2'] }],
  events: ['sale', { events: ['sale'] }],
  statuses: ['reversed', { statuses: ['reversed'] }],
  when: ['{"all":[]}', { when: { all: [] } }],
  algorithm: ['md5', { sign: { ...stored.sign, algorithm: 'md5' } }],
  message: ['{secret}', { sign: { ...stored.sign, message: '{secret}' } }],
  encoding: ['hex', { sign: { ...stored.sign, encoding: 'hex' } }],
  secret: ['new', { sign: { ...stored.sign, secret: 'new' } }],
  headers: ['x-other = {event}', { headers: { 'x-other': '{event}', 'x-api-key': keptSecret } }],
  secret_headers: [
    `x-api-key = ${keptSecret}\nx-more = hidden`,
    { headers: { 'x-source': 'us', 'x-api-key': keptSecret, 'x-more': { secret: 'hidden' } } },
  ],
  username: ['us', { basic_auth: { username: 'us' } }],
  password: ['pass', { basic_auth: { username: 'them', password: 'pass' } }],
  success: ['DONE', { success_when: { body_equals: 'DONE' } }],
  success_match: ['body_contains', { success_when: { body_contains: ' OK' } }],
  rate_per_second: ['0.5', { rate_per_second: 0.5 }],
  status: ['active', { status: 'active' }],
};

const read = (name: string, text: string): unknown => {
  const field = postbackFields.find((one) => one.name === name);
  return field?.read === undefined ? text : field.read(text);
};

describe("the form of a publisher's postback", () => {
  test.each(postbackFields.map(({ name }) => name))('changes %s and nothing else', (name) => {
    const [text, sent] = changes[name] ?? ['', {}];
    const whole = sentOf({ [name]: read(name, text) }, stored);
    expect(whole).toEqual({ ...keptOf(stored), ...sent });
    expect(sentPostback.safeParse(whole).error).toBeUndefined();
  });

  test('can change every setting that the API accepts, except the id', () => {
    const sent = new Set(Object.values(changes).flatMap(([, parts]) => Object.keys(parts)));
    expect([...sent, 'postback_id'].toSorted()).toEqual(Object.keys(sentPostback.shape).toSorted());
    expect(Object.keys(postbackTexts(stored)).toSorted()).toEqual(
      postbackFields.flatMap(({ name, kind }) => (kind === 'password' ? [] : [name])).toSorted(),
    );
  });

  test('loses nothing of an unchanged postback', () => {
    expect(sentOf({}, stored)).toEqual(keptOf(stored));
  });

  test('removes what is emptied, and keeps a password or a secret that is not typed again', () => {
    const emptied = { algorithm: null, username: null, success: null, headers: null, secret_headers: null, rate_per_second: null };
    expect(sentOf(emptied, stored)).toEqual({
      ...keptOf(stored),
      ...{ sign: null, basic_auth: null, success_when: null, headers: {}, rate_per_second: null },
    });
    expect(JSON.stringify(sentOf({ message: '{secret}', username: 'us' }, stored))).not.toContain('password');
  });

  test('sends what was filled in for a new one', () => {
    const filled = {
      url: 'https://publisher.example/q',
      algorithm: 'sha1',
      message: '{secret}',
      secret: 's',
      password: 'token',
      success: 'OK',
    };
    const sent = sentOf(filled, undefined);
    expect(sent).toEqual({
      url: 'https://publisher.example/q',
      sign: { algorithm: 'sha1', message: '{secret}', encoding: 'hex', secret: 's' },
      basic_auth: { username: '', password: 'token' },
      success_when: { body_contains: 'OK' },
    });
    expect(sentPostback.parse(sent)).toEqual(sent);
    const known = new Set(postbackFields.map(({ name }) => name));
    expect(Object.keys(newPostbackTexts).filter((name) => !known.has(name))).toEqual([]);
  });

  test('refuses a rate that is not a number instead of leaving it out', () => {
    expect(() => read('rate_per_second', 'ten')).toThrow('must be a number');
  });
});
