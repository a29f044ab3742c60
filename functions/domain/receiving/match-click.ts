import type { Click } from '../click.ts';
import type { LogFlag, PostbackErrorCode } from '../codes.ts';
import type { Conversion } from '../conversion.ts';
import { conversionIdOf } from '../conversion-id.ts';
import type { Postback } from '../postback/postback.ts';
import type { Offer, Partner } from '../settings.ts';
import type { ClickReader, Journal, SettingsReader } from './ports.ts';

export type Match =
  | {
      readonly kind: 'click';
      readonly click: Click;
      readonly offer: Offer;
      readonly matchedBy: Conversion['matched_by'];
      readonly flags: readonly LogFlag[];
      /** Matched by guessing, for the first time: what leads later postbacks of the transaction to the same conversion. */
      readonly remember?: string | undefined;
    }
  | { readonly kind: 'several'; readonly offers: readonly Offer[] }
  | {
      readonly kind: 'none';
      readonly code: Extract<PostbackErrorCode, 'click_not_found' | 'missing_click_id'>;
      readonly flags: readonly LogFlag[];
    };

interface MatchPorts {
  readonly settings: SettingsReader;
  readonly clicks: ClickReader;
  readonly journal: Pick<Journal, 'converted' | 'marked' | 'conversion'>;
}

const hour = 3_600_000;
/** More recent clicks than this are several candidates in any case. */
const mostCandidates = 100;

/**
 * Finds the click of a postback (contract 1.4).
 *
 * @param now epoch milliseconds of receipt.
 * @param transaction marker of the partner's transaction, if it named one.
 */
export async function matchClick(
  ports: MatchPorts,
  partner: Partner,
  postback: Postback,
  now: number,
  transaction: string | undefined,
): Promise<Match> {
  if (postback.clickId === undefined) return matchWithoutId(ports, partner, postback, now, transaction);
  const click = await ports.clicks.find(postback.clickId);
  if (click === undefined) return { kind: 'none', code: 'click_not_found', flags: [] };
  const offer = await ports.settings.offer(click.offer_id);
  if (offer === undefined) return { kind: 'none', code: 'click_not_found', flags: [] };
  if (offer.partner_id !== partner.partner_id) return { kind: 'none', code: 'click_not_found', flags: ['click_of_other_partner'] };
  const mismatch = postback.offerReferences.some((reference) => reference !== offer.offer_id && reference !== offer.campaign_id);
  return { kind: 'click', click, offer, matchedBy: 'click_id', flags: mismatch ? ['offer_mismatch'] : [] };
}

/**
 * Without a click id the partner's policy decides. What comes later of a transaction is about the click that it was matched with;
 * else only an unconverted click of that offer in the last hour can be meant. What is taken back was paid before: a reversal is
 * never about a click that has not converted.
 */
async function matchWithoutId(
  ports: MatchPorts,
  partner: Partner,
  postback: Postback,
  now: number,
  transaction: string | undefined,
): Promise<Match> {
  const none: Match = { kind: 'none', code: 'missing_click_id', flags: [] };
  if (partner.fallback_matching === 'off') return none;
  const known = transaction === undefined ? undefined : await matchByTransaction(ports, transaction);
  if (known !== undefined) return known;
  if (postback.status === 'reversed') return none;
  const found = await Promise.all(
    postback.offerReferences.map((reference) => ports.settings.offersByReference(partner.partner_id, reference)),
  );
  const offers = [...new Map(found.flat().map((offer) => [offer.offer_id, offer])).values()];
  const since = new Date(now - hour).toISOString();
  const recent = (await Promise.all(offers.map(({ offer_id }) => ports.clicks.recent(offer_id, since, mostCandidates)))).flat();
  const converted = await ports.journal.converted(recent.map((clickId) => conversionIdOf(clickId, postback.event)));
  const open = recent.filter((clickId) => !converted.has(conversionIdOf(clickId, postback.event)));
  const [first] = open;
  if (first === undefined) return none;
  if (partner.fallback_matching === 'unique' && open.length > 1) return { kind: 'several', offers };
  const clicks = (await Promise.all(open.slice(0, mostCandidates).map((clickId) => ports.clicks.find(clickId)))).filter(
    (click) => click !== undefined,
  );
  const newest = clicks.reduce<Click | undefined>(
    (best, click) => (best === undefined || click.clicked_at > best.clicked_at ? click : best),
    undefined,
  );
  const offer = offers.find(({ offer_id }) => offer_id === newest?.offer_id);
  if (newest === undefined || offer === undefined) return none;
  const latest = partner.fallback_matching === 'latest';
  return {
    kind: 'click',
    click: newest,
    offer,
    matchedBy: latest ? 'latest_click' : 'recent_offer',
    flags: [latest ? 'latest_click' : 'recent_offer'],
    remember: transaction,
  };
}

/** The click that an earlier postback of the transaction was matched with. */
async function matchByTransaction(ports: MatchPorts, transaction: string): Promise<Match | undefined> {
  const { conversionId } = (await ports.journal.marked(transaction)) ?? {};
  const conversion = conversionId === undefined ? undefined : await ports.journal.conversion(conversionId);
  if (conversion === undefined) return undefined;
  const [click, offer] = await Promise.all([ports.clicks.find(conversion.click_id), ports.settings.offer(conversion.offer_id)]);
  if (click === undefined || offer === undefined) return undefined;
  const matchedBy = conversion.matched_by;
  return { kind: 'click', click, offer, matchedBy, flags: matchedBy === 'click_id' ? [] : [matchedBy] };
}
