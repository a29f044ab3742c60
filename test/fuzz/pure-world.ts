import Big from 'big.js';
import { isListed } from '../../functions/adapters/addresses.ts';
import { nodeCrypto } from '../../functions/adapters/crypto.ts';
import { gunzip } from '../../functions/adapters/gunzip.ts';
import { fingerprintOf, hashSecret } from '../../functions/adapters/hashing.ts';
import { newId } from '../../functions/adapters/ids.ts';
import { plainPartner } from '../../functions/admin/settings/partner.ts';
import type { Click } from '../../functions/domain/click.ts';
import type { PostbackKey } from '../../functions/domain/keys.ts';
import { createDryJournal } from '../../functions/domain/receiving/dry-journal.ts';
import type { SettingsReader } from '../../functions/domain/receiving/ports.ts';
import { pointsFor, termsOf } from '../../functions/domain/revenue-share.ts';
import type { Offer, Partner, Publisher } from '../../functions/domain/settings.ts';
import { settle } from '../../functions/domain/settlement.ts';
import { answerOf, olderAnswerOf } from '../../functions/receiver/answers.ts';
import { readCall } from '../../functions/receiver/call.ts';
import { type ReceiverDependencies, receivePostback } from '../../functions/receiver/receive-postback.ts';
import type { Answer } from '../../functions/runtime/http.ts';
import { inflate } from '../../functions/runtime/inflate.ts';
import { sendsNoMoney } from './every-network.ts';
import { type Account, accountNames, eventOf, networkOf, plainPartners, type Sent, worth } from './shots.ts';

const pureHost = 'postback.example';
export const pureBase = `https://${pureHost}`;

/** One partner, offer, publisher and click for each network, all of them plain values. */
export const pureAccounts: readonly Account[] = accountNames.map((name) => ({
  name,
  key: hashSecret(name).slice(0, 32),
  clickId: `CLK-${name.toUpperCase()}`,
}));

const publisher: Publisher = {
  publisher_id: 'PUB' as Publisher['publisher_id'],
  name: 'Publisher',
  postback_method: 'GET',
  postbacks: [],
  forward_statuses: [],
  payout_overrides: {},
  secrets: [],
};

function partnerOf(name: string): Partner {
  const network = networkOf(name);
  return {
    ...plainPartner(name as Partner['partner_id'], name),
    preset: network?.preset,
    fallback_matching: 'off',
    signing_secrets: network?.secret === undefined ? [] : [network.secret],
    ...(name === 'mapped' ? plainPartners.mapped.settings : {}),
  };
}

const offerOf = (name: string): Offer => ({
  offer_id: `OFFER-${name}` as Offer['offer_id'],
  partner_id: name as Offer['partner_id'],
  name,
  target_url: 'https://example.com',
  ...(sendsNoMoney(name) ? { revenue_share_percent: new Big(0), payout: new Big(worth) } : { revenue_share_percent: new Big(80) }),
  conversion_window_days: 30,
  goals: [],
  status: 'active',
});

const clickOf = ({ name, clickId }: Account, now: number): Click => ({
  click_id: clickId as Click['click_id'],
  offer_id: offerOf(name).offer_id,
  partner_id: name as Click['partner_id'],
  publisher_id: publisher.publisher_id,
  user_id: `user-${name}`,
  sub_ids: {},
  clicked_at: new Date(now - 60_000).toISOString(),
});

const keyOf = ({ name, key }: Account): PostbackKey => ({
  key_hash: hashSecret(key),
  key_id: `KEY-${name}`,
  partner_id: name as PostbackKey['partner_id'],
  label: 'production',
  prefix: key.slice(0, 6),
  status: 'active',
  created_at: '2026-01-01T00:00:00.000Z',
});

const partners = new Map(accountNames.map((name) => [name, partnerOf(name)]));
const offers = new Map(accountNames.map((name) => [`OFFER-${name}`, offerOf(name)]));
const keys = new Map(pureAccounts.map((account) => [hashSecret(account.key), keyOf(account)]));
const settings: SettingsReader = {
  partner: async (id) => partners.get(id),
  offer: async (id) => offers.get(id),
  publisher: async () => publisher,
  placement: async () => undefined,
  rules: async () => [],
  offersByReference: async () => [],
};

/** The receiver in this process, with a journal that keeps everything in memory, so that nothing has to wait. */
export class PureWorld {
  private readonly touched = new Set<string>();
  private readonly journal = createDryJournal({
    conversion: async () => undefined,
    ofClick: async () => [],
    counted: async () => new Big(0),
    converted: async () => new Set(),
    marked: async () => undefined,
  });
  private readonly dependencies: ReceiverDependencies;

  constructor() {
    const clicks = new Map(pureAccounts.map((account) => [account.clickId, clickOf(account, Date.now())]));
    this.dependencies = {
      settings,
      clicks: { find: async (id) => clicks.get(id), recent: async function* () {} },
      journal: this.journal,
      keys: { noteUse: async () => undefined },
      hiddenKeys: { gunzip, inflate, isKey: async (text) => keys.has(hashSecret(text)) },
      findKey: async (text) => keys.get(hashSecret(text)) ?? 'unknown',
      hints: {
        settle: async ({ conversionId }) => {
          this.touched.add(conversionId);
        },
        deliver: async () => undefined,
      },
      understanding: {
        crypto: nodeCrypto,
        networks: { network: async () => undefined },
        inflate,
        isListed,
        openSecret: async (sealed) => sealed,
      },
      conversionsSince: async () => 0,
      fingerprint: fingerprintOf,
      encodeBody: (body) => Buffer.from(body).toString('base64'),
      withinKeyRate: () => true,
      sharedRate: { within: () => true, share: async () => undefined },
      alerts: { wanted: async () => false, raise: async () => undefined },
      now: Date.now,
      newId,
      warn: (_event, error) => {
        throw error;
      },
    };
  }

  /** @returns `undefined` when there is no such path. */
  async receive(sent: Sent): Promise<Answer | undefined> {
    const call = readCall(eventOf(sent, pureHost), () => false);
    if (call === undefined || call.method === 'HEAD') return undefined;
    const reply = await receivePostback(this.dependencies, call);
    return call.olderAddress ? olderAnswerOf(reply) : answerOf(reply);
  }

  /** Settles everything, as the processor does, and adds up a user's points. */
  async points(user: string): Promise<Big> {
    let points = new Big(0);
    for (const id of this.touched) {
      const conversion = await this.journal.conversion(id);
      if (conversion === undefined || conversion.user_id !== user) continue;
      const offer = offers.get(conversion.offer_id);
      if (offer === undefined) throw new Error(`${id} has an offer that does not exist`);
      const terms = termsOf(offer, publisher, conversion.event, new Big(1), conversion.currency);
      const settled = settle(conversion, terms, { at: conversion.created_at, announce: () => [] });
      if (settled.held) throw new Error(`${id} was accepted and cannot be settled`);
      if (!settled.credited.points.eq(pointsFor(settled.credited.payout, terms)))
        throw new Error(`${id} has points that are not its payout`);
      points = points.plus(settled.credited.points);
    }
    return points;
  }
}
