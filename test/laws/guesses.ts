import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import Big from 'big.js';
import fc from 'fast-check';
import { ulid } from 'ulid';
import { clickId } from '../../functions/adapters/dynamo/click-store.ts';
import { plainPartner } from '../../functions/admin/settings/partner.ts';
import type { Click } from '../../functions/domain/click.ts';
import type { LogEntry } from '../../functions/domain/log-entry.ts';
import type { Postback } from '../../functions/domain/postback/postback.ts';
import type { ClickReader, SettingsReader } from '../../functions/domain/receiving/ports.ts';
import { recordPostback } from '../../functions/domain/receiving/record-postback.ts';
import { replayOf } from '../../functions/domain/receiving/replay.ts';
import type { Offer, Partner } from '../../functions/domain/settings.ts';
import { offerId, partnerId, publisherId } from '../../functions/runtime/ids.ts';
import type { Law } from './laws.ts';
import { memoryJournal, type Stored } from './memory-journal.ts';

/** A story: clicks on an offer, postbacks that name only the offer or the newest click, and postbacks that are processed again later. */

type Happening =
  | { readonly kind: 'click'; readonly minute: number }
  /** `named`: the postback names the newest click. */
  | { readonly kind: 'postback'; readonly minute: number; readonly named: boolean }
  /** Processes one of the postbacks again that were neither accepted nor finally refused. */
  | { readonly kind: 'again'; readonly minute: number; readonly which: number };

type Guessing = { readonly policy: 'unique' | 'latest'; readonly happenings: readonly Happening[] };

const hour = 3_600_000;
const began = Date.parse('2026-11-01T00:00:00.000Z');
const minute = fc.integer({ min: 0, max: 150 });
const guessing: fc.Arbitrary<Guessing> = fc.record({
  policy: fc.constantFrom('unique', 'latest'),
  happenings: fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('click' as const), minute }),
      fc.record({ kind: fc.constant('postback' as const), minute, named: fc.nat(3).map((one) => one === 0) }),
      fc.record({ kind: fc.constant('again' as const), minute, which: fc.nat() }),
    ),
    { minLength: 2, maxLength: 12 },
  ),
});

const fingerprint = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22);
const offer: Offer = {
  offer_id: offerId.parse('OFFER'),
  partner_id: partnerId.parse('PARTNER'),
  name: 'Offer',
  target_url: 'https://example.com/',
  payout: new Big('1.00'),
  conversion_window_days: 30,
  goals: [],
  status: 'active',
};
const postbackOf = (transactionId: string, named: Click | undefined): Postback => ({
  clickId: named?.click_id,
  status: 'approved',
  statusWord: 'approved',
  payout: new Big('5.00'),
  currency: undefined,
  offerReferences: named === undefined ? ['OFFER'] : [],
  transactionId,
  event: 'complete',
  eventSent: false,
  unknownEvent: 'hold',
  matchByTransaction: false,
  subIds: {},
  customData: {},
  identity: transactionId,
  flags: [],
});

const play = async ({ policy, happenings }: Guessing): Promise<void> => {
  const stored: Stored = { rows: new Map(), marks: new Map(), log: new Map() };
  const clicks: Click[] = [];
  const postbacks = new Map<string, Postback>();
  const partner: Partner = { ...plainPartner(offer.partner_id, 'Partner'), fallback_matching: policy, ip_policy: 'off' };
  const settings: SettingsReader = {
    partner: async () => partner,
    offer: async () => offer,
    publisher: async () => undefined,
    placement: async () => undefined,
    offersByReference: async () => [offer],
    rules: async () => [],
  };
  const reader: ClickReader = {
    find: async (id) => clicks.find((one) => one.click_id === id),
    async *recent(_offer, from, to) {
      for (const { click_id } of clicks.filter((one) => one.clicked_at >= from && one.clicked_at <= to).toReversed()) yield [click_id];
    },
  };
  const isConverted = ({ click_id }: Click) => stored.rows.get(`${click_id}.complete`)?.listed_at !== undefined;

  /** Processes a received postback, and compares the result with what the contract says. */
  const take = async (entry: LogEntry, now: number, previous?: LogEntry): Promise<void> => {
    const postback = postbacks.get(entry.log_id);
    assert.ok(postback);
    const received = Date.parse(entry.received_at);
    const open = clicks.filter((one) => {
      const at = Date.parse(one.clicked_at);
      return at <= received && at >= received - hour && !isConverted(one);
    });
    const meant = policy === 'latest' || open.length < 2 ? open.at(-1) : undefined;
    const without = open.length === 0 ? 'missing_click_id' : 'several_candidates';
    const before = new Set(clicks.filter(isConverted).map(({ click_id }) => click_id));
    const { result, code } = await recordPostback(
      {
        settings,
        clicks: reader,
        journal: memoryJournal(stored, undefined, previous),
        fingerprint,
        conversionsSince: async () => 0,
      },
      { partner, postback, entry, now },
    );
    const paid = clicks.filter((one) => isConverted(one) && !before.has(one.click_id));
    for (const one of paid) assert.ok(Date.parse(one.clicked_at) <= received, 'paid for a click that was made after the postback came');
    // If the click has converted already, a person must decide about another transaction of it.
    if (postback.clickId !== undefined) return;
    assert.equal(`${code ?? result}`, meant === undefined ? without : 'accepted');
    assert.deepEqual(
      paid.map(({ click_id }) => click_id),
      meant === undefined ? [] : [meant.click_id],
    );
  };

  const inTime = happenings.toSorted((a, b) => a.minute - b.minute);
  for (const [index, one] of inTime.entries()) {
    // No two things happen in the same millisecond.
    const at = began + one.minute * 60_000 + index;
    if (one.kind === 'click') {
      clicks.push({
        click_id: clickId.parse(`CLK-${index}`),
        offer_id: offer.offer_id,
        partner_id: offer.partner_id,
        publisher_id: publisherId.parse('PUB'),
        user_id: `user-${index}`,
        sub_ids: {},
        clicked_at: new Date(at).toISOString(),
      });
    } else if (one.kind === 'postback') {
      const log_id = ulid(at);
      const named = one.named ? clicks.at(-1) : undefined;
      postbacks.set(log_id, postbackOf(`T${index}`, named));
      const raw = { method: 'GET', origin: 'https://example.com', path: '/postback/{key}', query: '', headers: {}, source_address: '' };
      const received_at = new Date(at).toISOString();
      const facts = { log_id, partner_id: partner.partner_id, key_id: 'KEY', received_at, click_id: named?.click_id };
      await take({ ...facts, result: 'error', flags: [], custom_data: {}, raw }, at);
    } else {
      const waiting = [...stored.log.values()].filter(({ result }) => result === 'error' || result === 'held');
      const previous = waiting[one.which % Math.max(1, waiting.length)];
      if (previous === undefined) continue;
      const { blank, now } = replayOf(previous, partner, () => new Uint8Array(), new Date(at).toISOString(), 'ann');
      await take(blank, now, previous);
    }
  }
};

/** Contract 1.4 must hold whatever is guessed, and however much later a postback is processed again. */
export const guesses: Law = {
  name: 'no one is paid for a click made after the postback came',
  share: 0.1,
  property: fc.asyncProperty(guessing, play),
};
