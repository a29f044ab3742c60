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
  readonly journal: Pick<Journal, 'converted'>;
}

const hour = 3_600_000;
/** More recent clicks than this are several candidates in any case. */
const mostCandidates = 100;

/**
 * Finds the click of a postback (contract 1.4).
 *
 * @param now epoch milliseconds of receipt.
 */
export async function matchClick(ports: MatchPorts, partner: Partner, postback: Postback, now: number): Promise<Match> {
  if (postback.clickId === undefined) return matchWithoutId(ports, partner, postback, now);
  const click = await ports.clicks.find(postback.clickId);
  if (click === undefined) return { kind: 'none', code: 'click_not_found', flags: [] };
  const offer = await ports.settings.offer(click.offer_id);
  if (offer === undefined) return { kind: 'none', code: 'click_not_found', flags: [] };
  if (offer.partner_id !== partner.partner_id) return { kind: 'none', code: 'click_not_found', flags: ['click_of_other_partner'] };
  const reference = postback.offerReference;
  const mismatch = reference !== undefined && reference !== offer.offer_id && reference !== offer.campaign_id;
  return { kind: 'click', click, offer, matchedBy: 'click_id', flags: mismatch ? ['offer_mismatch'] : [] };
}

/** Without a click id the partner's policy decides: only an unconverted click of that offer in the last hour can be meant. */
async function matchWithoutId(ports: MatchPorts, partner: Partner, postback: Postback, now: number): Promise<Match> {
  const none: Match = { kind: 'none', code: 'missing_click_id', flags: [] };
  if (partner.fallback_matching === 'off' || postback.offerReference === undefined) return none;
  const offers = await ports.settings.offersByReference(partner.partner_id, postback.offerReference);
  const since = new Date(now - hour).toISOString();
  const recent = (await Promise.all(offers.map(({ offer_id }) => ports.clicks.recent(offer_id, since, mostCandidates)))).flat();
  const converted = await ports.journal.converted(recent.map((clickId) => conversionIdOf(clickId, postback.event)));
  const open = recent.filter((clickId) => !converted.has(conversionIdOf(clickId, postback.event)));
  const [first] = open;
  if (first === undefined) return none;
  if (partner.fallback_matching === 'unique' && open.length > 1) return { kind: 'several', offers };
  const found = (await Promise.all(open.slice(0, mostCandidates).map((clickId) => ports.clicks.find(clickId)))).filter(
    (click) => click !== undefined,
  );
  const newest = found.reduce<Click | undefined>(
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
  };
}
