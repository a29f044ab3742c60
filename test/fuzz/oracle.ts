import Big from 'big.js';
import { sendsNoMoney } from './every-network.ts';
import { type Account, accountAt, isIntact, networkOf, type Sent, type Shot, worth } from './shots.ts';

/** What the account's user may have after a shot, by rules that are independent of how the receiver works. */
export interface Verdict {
  /** The points that are right. `undefined`: see `fits`. */
  readonly allowed: readonly string[] | undefined;
  /** Whether other points could be right, because the request really named such an amount. */
  readonly fits: (points: Big) => boolean;
}

/** Networks whose signature covers the click and the amount: however a request is changed, it pays what was signed, or nothing. */
const covering = new Set([
  ...['bitlabs', 'ayet', 'tapjoy', 'pollfish', 'lootably', 'theoremreach', 'generic_hmac', 'notik', 'adgem', 'adgem_v3', 'timewall'],
  ...['moonetix', 'offerwall_gg', 'pubscale', 'adjoe', 'superrewards', 'unity_ads', 'levelplay', 'adcolony', 'adiscope'],
]);

/** Those of them whose signature does not cover the marks of tests and reversals. */
const uncoveredMarks = new Set(['pollfish', 'lootably', 'timewall', 'offerwall_gg', 'pubscale', 'levelplay']);

/** Currencies have 0, 2, 3 or 4 decimals, and a change may have named any of them. */
const minorUnits = [0, 2, 3, 4];

/** @param whose whose points are judged: the account that was the target, or the other one. */
export function judge(shot: Shot, sent: Sent, accounts: readonly Account[], whose: 'own' | 'other'): Verdict {
  const account = accountAt(accounts, shot.account);
  const network = networkOf(account.name);
  const named = amountsIn(sent);
  const exactly = (...allowed: string[]): Verdict => ({ allowed, fits: () => false });
  const anyNamed: Verdict = { allowed: undefined, fits: (points) => points.eq(0) || named.some((amount) => isShare(points, amount)) };
  const whatIsPaid = ({ name }: Account): Verdict => (sendsNoMoney(name) ? exactly('0', worth) : anyNamed);
  // The other user has clicked another partner's offer, so only that partner's key could pay, and only if that partner does not sign.
  if (whose === 'other') {
    const other = accountAt(accounts, shot.account + 1);
    return shot.key === 'of another' && !signs(other) ? whatIsPaid(other) : exactly('0');
  }
  if (shot.key !== 'right') return exactly('0');
  if (signs(account) && shot.secret === 'wrong') return exactly('0');
  const meant = network !== undefined && network[shot.means] === undefined ? 'approve' : shot.means;
  if (isIntact(shot)) return exactly(meant === 'approve' && shot.click === 'own' ? worth : '0');
  if (network !== undefined && covering.has(network.preset)) {
    // Its test and reversal marks are not covered and can be removed, but never in a way that adds to what is paid.
    return shot.click === 'own' && (meant === 'approve' || uncoveredMarks.has(network.preset)) ? exactly('0', worth) : exactly('0');
  }
  return whatIsPaid(account);
}

function signs({ name }: Account): boolean {
  return networkOf(name)?.secret !== undefined;
}

function isShare(points: Big, amount: Big): boolean {
  return minorUnits.some((decimals) => amount.times('0.8').round(decimals, Big.roundHalfEven).round(2, Big.roundHalfEven).eq(points));
}

/** Every decimal in the request, however it is encoded, and every part of one, because a change may cut through a number. */
function amountsIn({ query, body, path }: Sent): Big[] {
  const text = [query, path, new TextDecoder('latin1').decode(body)].flatMap((raw) => [raw, leniently(raw)]).join(' ');
  const parts = new Set<string>();
  for (const [run] of text.matchAll(/[\d.]+/g)) {
    for (let start = 0; start < run.length; start += 1) {
      for (let end = start + 1; end <= Math.min(run.length, start + 19); end += 1) {
        const part = run.slice(start, end);
        if (/^\d{1,12}(\.\d{1,6})?$/.test(part)) parts.add(part);
      }
    }
  }
  return [...parts].map((part) => new Big(part));
}

function leniently(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
