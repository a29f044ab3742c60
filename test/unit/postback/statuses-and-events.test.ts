import { describe, expect, test } from '@jest/globals';
import type { PostbackStatus } from '../../../functions/domain/status.ts';
import { said } from './requests.ts';

describe('status words (contract 1.5)', () => {
  test.each([
    ['approved', 'approved approve complete completed success successful confirmed pass paid qualified sale true 1'],
    ['pending', 'pending hold on_hold review processing lead'],
    ['rejected', 'rejected reject declined denied fail failed cancelled canceled disqualified dq screenout fraud false 0'],
    ['reversed', 'reversed reversal chargeback refund refunded -1 -2'],
    ['test', 'test'],
  ])('%s: %s', async (status, words) => {
    for (const word of words.split(' ')) {
      expect((await said({ query: `status=${word}` })).status).toBe(status);
      expect((await said({ query: `status=+${word.toUpperCase()}+` })).status).toBe(status);
    }
  });

  test('absent is approved; JSON true and 1 are words', async () => {
    expect((await said({})).status).toBe('approved');
    expect((await said({ body: '{"status":true}' })).status).toBe('approved');
    expect((await said({ body: '{"status":-1}' })).status).toBe('reversed');
  });

  test.each(['maybe', '2', 'toString', '__proto__', 'approvedd', '1.0'])('%s is never guessed', async (word) => {
    expect(await said({ query: `status=${word}` })).toMatchObject({ status: undefined, statusWord: word });
  });

  test.each<[string, Record<string, PostbackStatus>, string, PostbackStatus]>([
    ['a word of its own', { OK: 'approved' }, 'ok', 'approved'],
    ['a number', { '3': 'reversed' }, '3', 'reversed'],
    ['a word against the table', { lead: 'approved' }, 'LEAD', 'approved'],
    ['what it does not map', { OK: 'approved' }, 'chargeback', 'reversed'],
  ])("the partner's mapping decides first: %s", async (_what, status_mapping, word, status) => {
    expect((await said({ query: `status=${word}` }, { status_mapping })).status).toBe(status);
  });

  test.each([
    ['TEST-1', 'test'],
    ['CLK-TEST-1', 'approved'],
    ['test-1', 'approved'],
  ])('click id %s is %s', async (clickId, status) => {
    expect((await said({ query: `click_id=${clickId}&status=approved` })).status).toBe(status);
  });
});

describe('events (contract 1.6)', () => {
  test.each([
    ['complete', ''],
    ['complete', 'event=COMPLETE'],
    ['terminate', 'event=terminate'],
    ['terminate', 'event=Terminated'],
    ['quotafull', 'event=quotafull'],
    ['quotafull', 'event=quota_full'],
    ['quotafull', 'event=overquota'],
    ['quotafull', 'event=OVER_QUOTA'],
    ['security', 'event=security'],
    ['security', 'event=security_term'],
    ['security', 'event=security_terminate'],
    ['level_5', 'goal=+Level_5+'],
  ])('%s: %s', async (event, query) => {
    expect((await said({ query })).event).toBe(event);
  });

  test.each([
    ['the path segment wins', 'terminate', 'event=complete', 'terminate'],
    ['even over parameters that contradict each other', 'terminate', 'event=a&goal=b', 'terminate'],
    ['it is normalised', 'Quota_Full', '', 'quotafull'],
    ['it may be percent-encoded', 'level%205', '', 'level 5'],
    ['a plus in a path is a plus', 'a+b', '', 'a+b'],
    ['a macro is no event', '%7Bevent%7D', 'event=goal', 'goal'],
    ['an empty one is none', '', 'event=goal', 'goal'],
  ])('%s', async (_rule, event, query, expected) => {
    expect((await said({ query }, { event })).event).toBe(expected);
  });
});
