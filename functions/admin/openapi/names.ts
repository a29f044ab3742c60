import type { Route } from '../route.ts';

type Named = Pick<Route, 'method' | 'path' | 'list'>;

/** Operation ids for routes whose verb and noun do not follow from the path. */
const irregular: Readonly<Record<string, string>> = {
  'POST /postback-receiver/generate-key': 'generateKey',
  'POST /postback-receiver/generate-quick': 'generateQuickUrl',
  'POST /postback-receiver/test': 'testPostback',
  'POST /publishers/{publisher_id}/rotate-secret': 'rotatePublisherSecret',
  'POST /publishers/{publisher_id}/test-delivery': 'sendTestDelivery',
  'GET /publishers/{publisher_id}/users/{user_id+}/points': 'listUserPoints',
  'POST /conversions/{conversion_id+}/status': 'changeConversionStatus',
  'POST /conversions/status': 'changeConversionStatuses',
  'GET /postback-pipeline/stats': 'getStatistics',
  'GET /statements/{publisher_id}': 'getStatement',
  'GET /audit': 'listAuditEntries',
  'GET /me': 'getMe',
};

const verbs = { GET: 'get', POST: 'create', PUT: 'replace', PATCH: 'update', DELETE: 'delete' } as const;

/**
 * The id of an operation, as a verb and a noun: `listPartners`, `createPartner`, `revoke…` and so on. Client generators use it for function
 * names, so it must not change once it is published.
 */
export function operationIdOf(route: Named): string {
  const named = irregular[`${route.method} ${route.path}`];
  if (named !== undefined) return named;
  const segments = route.path.split('/').filter((segment) => segment !== '');
  const nouns = segments.filter((segment) => !segment.startsWith('{'));
  const isOfOne = segments.at(-1)?.startsWith('{') ?? false;
  const last = nouns.at(-1) ?? '';
  const isAction = route.method === 'POST' && nouns.length > 1;
  if (isAction) {
    const isOnOne = segments.at(-2)?.startsWith('{') ?? false;
    const of = nouns.slice(0, -1);
    return `${camel(last)}${phrase(of, isOnOne)}`;
  }
  if (route.method === 'GET' && !isOfOne && route.list !== undefined) return `list${phrase(nouns, false)}`;
  return `${verbs[route.method]}${phrase(nouns, isOfOne || route.method === 'POST')}`;
}

/** `['partners', 'keys']` becomes `PartnerKeys`, or `PartnerKey` for one of them. */
function phrase(nouns: readonly string[], one: boolean): string {
  return nouns.map((noun, index) => pascal(index < nouns.length - 1 || one ? singular(noun) : noun)).join('');
}

function singular(noun: string): string {
  return noun.replace(/s$/, '');
}

function camel(text: string): string {
  return text.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function pascal(text: string): string {
  return camel(`-${text}`);
}

/** Every resource of the API, in the order in which it is documented. */
export const tags = {
  postbacks: 'What partners call to report a conversion',
  tracking: 'The links that users follow to an offer',
  partners: 'Who pays us: advertisers, survey networks, offerwalls',
  networks: "The networks' parameter names, signatures and status words",
  keys: "The keys in partners' postback URLs",
  offers: 'What a partner pays for, and the share that goes to publishers',
  publishers: 'Who sends us users, and the URL where we notify them',
  placements: "A publisher's walls and apps",
  clicks: 'Users on their way to an offer',
  'received-postbacks': 'The log of every postback that we received',
  conversions: 'What clicks have earned, and held postbacks that need a decision',
  'forwarded-postbacks': 'Deliveries to publishers and their attempts',
  points: "Users' balances and the ledger behind them",
  statements: 'What a publisher has earned in a month',
  rules: 'What to hold, flag or reject',
  alerts: 'Whom to warn about what',
  testing: 'Dry runs, which store nothing',
  reconciliations: "A partner's file against our records",
  statistics: 'Counts, sums and rates by day',
  queues: 'Work that waits, and dead letters',
  tokens: 'Who may call this API',
  audit: 'Who changed what',
  service: 'For monitors and tools',
} as const;

const tagOfPath: readonly (readonly [RegExp, keyof typeof tags])[] = [
  [/^\/partners\/\{\w+\}\/keys|\/generate-(?:key|quick)$/, 'keys'],
  [/^\/postback-receiver\/test$/, 'testing'],
  [/\/points$/, 'points'],
  [/^\/me$/, 'tokens'],
  [/^\/postback-pipeline/, 'statistics'],
];

/** The tag of a path below `/api/admin`: the resource that it is about. */
export function tagOf(path: string): string {
  return tagOfPath.find(([pattern]) => pattern.test(path))?.[1] ?? path.split('/')[1] ?? '';
}
