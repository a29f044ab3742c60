import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { builtInNetworks } from '../../functions/domain/networks/built-in.ts';
import type { Network } from '../support/networks.ts';
import { everyNetwork } from './every-network.ts';
import { anyWord, type Mutation, mutate, mutations } from './mutations.ts';

/** A partner of the world under test, and the user who made the click. */
export interface Account {
  readonly name: string;
  readonly key: string;
  readonly clickId: string;
  /** Default: `T-1`. A signature may cover the transaction and not the click; then the first click that it pays uses it up. */
  readonly transaction?: string;
}

/** Partners without a network: one uses our words, and the other has words of its own. */
export const plainPartners = {
  plain: { click: 'click_id', payout: 'payout', settings: {} },
  mapped: {
    click: 'their_click',
    payout: 'pay',
    settings: { parameter_mapping: { their_click: 'click_id', pay: 'payout' }, status_mapping: { '7': 'approved', good: 'approved' } },
  },
} as const;

export const accountNames: readonly string[] = [...everyNetwork.map(({ preset }) => preset), ...Object.keys(plainPartners)];

export function networkOf(name: string): Network | undefined {
  return everyNetwork.find(({ preset }) => preset === name);
}

/** What a request means originally, and the changes that are made to it. */
export interface Shot {
  readonly account: number;
  readonly means: 'approve' | 'reverse' | 'test';
  readonly secret: 'right' | 'wrong';
  readonly key: 'right' | 'of another' | 'mutated';
  readonly click: 'own' | 'of another' | 'unknown';
  readonly older: boolean;
  /** Where the parameters are sent, if the network does not define this. */
  readonly carrier: 'query' | 'form' | 'json' | 'multipart';
  readonly query: readonly Mutation[];
  readonly body: readonly Mutation[];
  /** A form with another amount beside the signed part. */
  readonly smuggled: boolean;
  /** Raw bytes after the body. */
  readonly bytes: Uint8Array;
  readonly method: string;
  readonly segment: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 8 }, ...others.map((other) => ({ arbitrary: fc.constant(other), weight: 1 })));
const seldom = <T, U>(usual: T, other: fc.Arbitrary<U>) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 5 }, { arbitrary: other, weight: 1 });

export const anyShot: fc.Arbitrary<Shot> = fc.record({
  account: fc.nat(accountNames.length - 1),
  means: mostly<Shot['means']>('approve', 'reverse', 'test'),
  secret: mostly<Shot['secret']>('right', 'wrong'),
  key: mostly<Shot['key']>('right', 'of another', 'mutated'),
  click: mostly<Shot['click']>('own', 'of another', 'unknown'),
  older: mostly(false, true),
  carrier: fc.constantFrom('query', 'form', 'json', 'multipart'),
  query: fc.oneof(fc.constant([]), mutations),
  body: seldom([], mutations),
  smuggled: mostly(false, true),
  bytes: seldom(new Uint8Array(), fc.uint8Array({ maxLength: 60 })),
  method: mostly('usual', 'GET', 'POST', 'HEAD', 'PUT', 'BREW'),
  segment: seldom(undefined, anyWord),
  headers: seldom(
    {},
    fc.dictionary(
      fc.constantFrom('content-type', 'x-signature', 'x-timestamp', 'x-ayetstudios-security-hash', 'signature', 'x-odd'),
      anyWord,
      {
        maxKeys: 2,
      },
    ),
  ),
});

/** Whether the request is unchanged, so that it must do what it means. The older path has no segment that could mark a reversal. */
export function isIntact(shot: Shot): boolean {
  return (
    !(shot.older && shot.means === 'reverse') &&
    !shot.smuggled &&
    [...shot.query, ...shot.body, ...shot.bytes].length === 0 &&
    shot.method === 'usual' &&
    shot.segment === undefined &&
    Object.keys(shot.headers).length === 0
  );
}

/** The points for an approval that arrives as it was sent: 80% of 5.00. */
export const worth = '4';

/** A request as it is sent. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Makes the request of a shot. @param base the scheme and host that signatures cover. */
export function aim(shot: Shot, accounts: readonly Account[], base: string, now: number): Sent {
  const account = accountAt(accounts, shot.account);
  const other = accountAt(accounts, shot.account + 1);
  const key = {
    right: account.key,
    'of another': other.key,
    mutated: `${account.key.slice(0, -1)}${account.key.endsWith('A') ? 'B' : 'A'}`,
  }[shot.key];
  const clickId = { own: account.clickId, 'of another': other.clickId, unknown: 'CLK-NOBODY' }[shot.click];
  const network = networkOf(account.name);
  const meant = network?.[shot.means] === undefined ? 'approve' : shot.means;
  const unsigned = network?.[meant]?.({ clickId, transaction: account.transaction ?? 'T-1', amount: network.amount });
  const event = shot.segment ?? unsigned?.event;
  const path = shot.older ? '/api/analytics/postback' : `/postback/${key}${event === undefined ? '' : `/${event}`}`;
  const url = `${base}${path}`;
  const signed =
    network !== undefined && unsigned !== undefined
      ? network.sign(unsigned, shot.secret === 'right' ? (network.secret ?? '') : 'wrong', url, now)
      : plain(shot, account, clickId);
  const query = mutate(signed.query, shot.query);
  // Signatures may cover the whole query, so networks send the key in the header.
  const keyedQuery = [query, `key=${key}`].filter((part) => part !== '').join('&');
  const smuggled = shot.smuggled && signed.options?.body === undefined;
  const [amountName = 'payout'] = builtInNetworks.get(account.name)?.names.payout ?? [];
  const usualBody = smuggled ? `${amountName}=50.00` : signed.options?.body;
  const text = typeof usualBody === 'string' ? mutate(usualBody, shot.body) : '';
  const headers = { ...signed.options?.headers, ...(shot.older && network !== undefined && { 'x-postback-key': key }), ...shot.headers };
  return {
    method: shot.method === 'usual' ? (smuggled ? 'POST' : (signed.options?.method ?? 'GET')) : shot.method,
    path,
    query: shot.older && network === undefined ? keyedQuery : query,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.concat([Buffer.from(text), shot.bytes]),
  };
}

function plain({ carrier, means }: Shot, { name }: Account, clickId: string): ReturnType<Network['sign']> {
  const { click, payout } = name === 'mapped' ? plainPartners.mapped : plainPartners.plain;
  const status = { approve: 'approved', reverse: 'reversed', test: 'test' }[means];
  const parameters = { [click]: clickId, [payout]: '5.00', status, transaction_id: 'T-1', note: 'a b' };
  const form = new URLSearchParams(parameters).toString();
  const post = (type: string, body: string) => ({ query: '', options: { method: 'POST', headers: { 'content-type': type }, body } });
  switch (carrier) {
    case 'query':
      return { query: form };
    case 'form':
      return post('application/x-www-form-urlencoded', form);
    case 'json':
      return post('application/json', JSON.stringify(parameters));
    case 'multipart': {
      const fields = Object.entries(parameters).map(
        ([known, value]) => `--b\r\nContent-Disposition: form-data; name="${known}"\r\n\r\n${value}\r\n`,
      );
      return post('multipart/form-data; boundary=b', `${fields.join('')}--b--\r\n`);
    }
  }
}

export function accountAt(accounts: readonly Account[], index: number): Account {
  const account = accounts[index % accounts.length];
  if (account === undefined) throw new Error('no accounts');
  return account;
}

/** The request as API Gateway passes it on. */
export function eventOf({ method, path, query, headers, body }: Sent, host: string): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: 'ANY /postback/{key}',
    rawPath: path,
    rawQueryString: query,
    headers: { host, 'x-forwarded-proto': 'https', ...headers },
    requestContext: {
      accountId: '000000000000',
      apiId: 'fuzz',
      domainName: host,
      domainPrefix: 'fuzz',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'fuzz' },
      requestId: 'fuzz',
      routeKey: 'ANY /postback/{key}',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    ...(body.length > 0 && { body: Buffer.from(body).toString('base64') }),
    isBase64Encoded: body.length > 0,
  };
}
