import { createHash, createHmac } from 'node:crypto';
import type { PostbackOptions } from './local-stack.ts';

/** The networks' side: how each of them really calls a URL, signs it, and takes a payment back. */

/** One postback as a network means it. */
export interface NetworkPostback {
  readonly clickId: string;
  readonly transaction: string;
  /** In the network's units. */
  readonly amount: string;
}

/** A request ready to be sent. */
export interface NetworkRequest {
  readonly query: string;
  readonly options?: PostbackOptions;
}

export interface Network {
  readonly preset: string;
  readonly secret: string | undefined;
  /** The amount that is paid, in the network's units; it is worth 5.00. */
  readonly amount: string;
  /** Bodies of our answers; `undefined`: JSON. */
  readonly wants?: { readonly success: string; readonly duplicate: string };
  approve(postback: NetworkPostback): Unsigned;
  /** Absent when the network has no reversals. */
  reverse?(postback: NetworkPostback): Unsigned;
  /** Absent when the network has no test mark. */
  test?(postback: NetworkPostback): Unsigned;
  /** @param url the URL up to the query. */
  sign(unsigned: Unsigned, secret: string, url: string, now: number): NetworkRequest;
}

interface Unsigned {
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The event in the path. */
  readonly event?: string;
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const encoded = ({ parameters }: Unsigned) => parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
const sent = ({ parameters }: Unsigned, name: string) => parameters.find(([known]) => known === name)?.[1] ?? '';
const segment = ({ event }: Unsigned, options: PostbackOptions = {}): PostbackOptions => ({
  ...options,
  ...(event !== undefined && { event }),
});

/** Adds `&name=value` at the end. */
const appended = (unsigned: Unsigned, name: string, value: string): NetworkRequest => ({
  query: `${encoded(unsigned)}&${name}=${encodeURIComponent(value)}`,
  options: segment(unsigned),
});

export const networks: readonly Network[] = [
  {
    preset: 'bitlabs',
    secret: 'bitlabs-secret',
    amount: '5.00',
    approve: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['uid', clickId],
        ['tx', transaction],
        ['raw', amount],
        ['val', '500'],
        ['type', 'COMPLETE'],
      ],
    }),
    reverse: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['uid', clickId],
        ['tx', `${transaction}-back`],
        ['ref', transaction],
        ['raw', `-${amount}`],
        ['type', 'RECONCILIATION'],
      ],
    }),
    test: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['uid', clickId],
        ['tx', transaction],
        ['raw', amount],
        ['type', 'COMPLETE'],
        ['debug', 'true'],
      ],
    }),
    sign: (unsigned, secret, url) =>
      appended(
        unsigned,
        'hash',
        createHmac('sha1', secret)
          .update(`${url}?${encoded(unsigned)}`)
          .digest('hex'),
      ),
  },
  {
    preset: 'ayet',
    secret: 'ayet-api-key',
    amount: '5.00',
    approve: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['transaction_id', transaction],
        ['payout_usd', amount],
        ['external_identifier', clickId],
        ['currency_identifier', 'gold coins (x*2)!'],
      ],
    }),
    reverse: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['transaction_id', `r-${transaction}`],
        ['payout_usd', `-${amount}`],
        ['external_identifier', clickId],
        ['is_chargeback', '1'],
        ['chargeback_reason', 'user asked'],
      ],
    }),
    sign: (unsigned, secret) => {
      const php = (text: string) =>
        encodeURIComponent(text)
          .replace(/[!'()*~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
          .replaceAll('%20', '+');
      const sorted = [...unsigned.parameters].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${php(name)}=${php(value)}`);
      const hash = createHmac('sha256', secret).update(sorted.join('&')).digest('hex');
      return { query: encoded(unsigned), options: segment(unsigned, { headers: { 'X-Ayetstudios-Security-Hash': hash } }) };
    },
  },
  {
    preset: 'tapjoy',
    secret: 'tapjoy-secret',
    amount: '5',
    approve: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['snuid', clickId],
        ['currency', amount],
        ['id', transaction],
        ['display_multiplier', '1.0'],
      ],
    }),
    sign: (unsigned, secret) =>
      appended(unsigned, 'verifier', md5(`${sent(unsigned, 'id')}:${sent(unsigned, 'snuid')}:${sent(unsigned, 'currency')}:${secret}`)),
  },
  {
    preset: 'pollfish',
    secret: 'pollfish-secret',
    amount: '500',
    approve: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['cpa', amount],
        ['device_id', 'd 1'],
        ['request_uuid', clickId],
        ['timestamp', '1463152452308'],
        ['tx_id', transaction],
        ['status', 'eligible'],
        ['term_reason', ''],
      ],
    }),
    reverse: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['cpa', amount],
        ['request_uuid', clickId],
        ['tx_id', transaction],
      ],
      event: 'reconciliation',
    }),
    test: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['cpa', amount],
        ['request_uuid', clickId],
        ['tx_id', transaction],
        ['status', 'eligible'],
        ['debug', 'true'],
      ],
    }),
    sign: (unsigned, secret) => {
      const signed = [...unsigned.parameters]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .filter(([name, value]) => name !== 'debug' && !(name === 'request_uuid' && value === ''))
        .map(([, value]) => value);
      return appended(unsigned, 'signature', createHmac('sha1', secret).update(signed.join(':')).digest('base64'));
    },
  },
  {
    preset: 'adgate',
    secret: undefined,
    amount: '5.00',
    approve: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['s1', 'placement'],
        ['s2', clickId],
        ['conversion_id', transaction],
        ['payout', amount],
        ['points', '500'],
        ['state', 'approved'],
        ['event_id', '0'],
      ],
    }),
    reverse: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['s1', 'placement'],
        ['s2', clickId],
        ['conversion_id', transaction],
        ['payout', amount],
        ['points', '500'],
        ['state', 'rejected'],
        ['event_id', '0'],
      ],
    }),
    sign: (unsigned) => ({ query: encoded(unsigned), options: segment(unsigned) }),
  },
  {
    preset: 'cpx',
    secret: 'cpx-secret',
    amount: '5.0000',
    wants: { success: '1', duplicate: '1' },
    approve: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['status', '1'],
        ['trans_id', transaction],
        ['user_id', 'theirs'],
        ['subid_1', clickId],
        ['amount_local', '500'],
        ['amount_usd', amount],
        ['type', 'complete'],
      ],
    }),
    reverse: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['status', '2'],
        ['trans_id', transaction],
        ['user_id', 'theirs'],
        ['subid_1', clickId],
        ['amount_local', '500'],
        ['amount_usd', amount],
        ['type', 'complete'],
      ],
    }),
    sign: (unsigned, secret) => appended(unsigned, 'hash', md5(`${sent(unsigned, 'trans_id')}-${secret}`)),
  },
  {
    preset: 'torox',
    secret: 'torox-key',
    amount: '5.00',
    wants: { success: '1', duplicate: '1' },
    approve: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['id', transaction],
        ['oid', '123'],
        ['user_id', clickId],
        ['amount', '500'],
        ['payout', amount],
        ['o_name', 'An Offer'],
      ],
    }),
    reverse: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['id', transaction],
        ['oid', '123'],
        ['user_id', clickId],
        ['amount', '-500'],
        ['payout', `-${amount}`],
        ['o_name', 'An Offer'],
      ],
    }),
    sign: (unsigned, secret) => appended(unsigned, 'sig', md5(`${sent(unsigned, 'oid')}-${sent(unsigned, 'user_id')}-${secret}`)),
  },
  {
    preset: 'lootably',
    secret: 'lootably-secret',
    amount: '5.00',
    wants: { success: '1', duplicate: '1' },
    approve: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['userID', clickId],
        ['transactionID', transaction],
        ['ip', '203.0.113.9'],
        ['revenue', amount],
        ['currencyReward', '500'],
        ['status', '1'],
      ],
    }),
    reverse: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['userID', clickId],
        ['transactionID', transaction],
        ['ip', '203.0.113.9'],
        ['revenue', amount],
        ['currencyReward', '500'],
        ['status', '0'],
      ],
    }),
    sign: (unsigned, secret) => {
      const signed = ['userID', 'ip', 'revenue', 'currencyReward'].map((name) => sent(unsigned, name)).join('');
      return appended(unsigned, 'hash', createHash('sha256').update(`${signed}${secret}`).digest('hex'));
    },
  },
  {
    preset: 'theoremreach',
    secret: 'theoremreach-secret',
    amount: '5.00',
    approve: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['reward', '500'],
        ['currency', amount],
        ['user_id', clickId],
        ['tx_id', transaction],
        ['screenout', '0'],
        ['profiler', '0'],
      ],
    }),
    reverse: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['reward', '-500'],
        ['currency', amount],
        ['user_id', clickId],
        ['tx_id', transaction],
        ['reversal', 'true'],
      ],
    }),
    test: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['reward', '500'],
        ['currency', amount],
        ['user_id', clickId],
        ['tx_id', transaction],
        ['debug', 'true'],
      ],
    }),
    sign: (unsigned, secret, url) =>
      appended(
        unsigned,
        'hash',
        createHmac('sha1', secret)
          .update(`${url}?${encoded(unsigned)}`)
          .digest('base64url'),
      ),
  },
  {
    preset: 'inbrain',
    secret: 'inbrain-secret',
    amount: '5.00',
    approve: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['PanelistId', clickId],
        ['RewardId', transaction],
        ['Reward', '500'],
        ['RevenueAmount', amount],
      ],
    }),
    test: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['PanelistId', clickId],
        ['RewardId', transaction],
        ['RevenueAmount', amount],
        ['IsTest', 'true'],
      ],
    }),
    sign: (unsigned, secret) => {
      const sig = md5(`${sent(unsigned, 'PanelistId')}${sent(unsigned, 'RewardId')}${secret}`);
      const members = unsigned.parameters.map(([name, value]) => [
        name,
        name === 'RevenueAmount' ? Number(value) : name === 'IsTest' ? true : value,
      ]);
      const body = JSON.stringify({ ...Object.fromEntries(members), Sig: sig });
      return { query: '', options: { method: 'POST', headers: { 'content-type': 'application/json' }, body } };
    },
  },
  {
    preset: 'subid_family',
    secret: 'subid-secret',
    amount: '5.00',
    wants: { success: 'OK', duplicate: 'DUP' },
    approve: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['subId', clickId],
        ['transId', transaction],
        ['payout', amount],
        ['reward', '500'],
        ['status', '1'],
      ],
    }),
    reverse: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['subId', clickId],
        ['transId', transaction],
        ['payout', amount],
        ['reward', '500'],
        ['status', '2'],
      ],
    }),
    sign: (unsigned, secret) =>
      appended(unsigned, 'signature', md5(`${sent(unsigned, 'subId')}${sent(unsigned, 'transId')}${sent(unsigned, 'reward')}${secret}`)),
  },
  {
    preset: 'generic_hmac',
    secret: 'generic-secret',
    amount: '5.00',
    approve: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['click_id', clickId],
        ['transaction_id', transaction],
        ['payout', amount],
      ],
    }),
    reverse: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['click_id', clickId],
        ['transaction_id', transaction],
        ['payout', amount],
        ['status', 'reversed'],
        ['reason', 'fraud'],
      ],
    }),
    test: ({ clickId, transaction, amount }) => ({
      parameters: [
        ['click_id', clickId],
        ['transaction_id', transaction],
        ['payout', amount],
        ['status', 'test'],
      ],
    }),
    sign: (unsigned, secret, url, now) => {
      const time = String(Math.floor(now / 1_000));
      const query = encoded(unsigned);
      const signature = createHmac('sha256', secret)
        .update(`${time}.${new URL(url).pathname}?${query}`)
        .digest('hex');
      return { query, options: segment(unsigned, { headers: { 'X-Signature': signature, 'X-Timestamp': time } }) };
    },
  },
];
