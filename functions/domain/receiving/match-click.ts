import type { Click } from '../click.ts';
import type { HeldCode, LogFlag, PostbackErrorCode } from '../codes.ts';
import type { Conversion } from '../conversion.ts';
import { isTakeBack } from '../conversions/standing.ts';
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
      /** Whether it was matched by guessing, for the first time. */
      readonly guessed: boolean;
    }
  /** It is unknown which click is meant. */
  | { readonly kind: 'held'; readonly code: HeldCode; readonly offer: Offer | undefined }
  | {
      readonly kind: 'none';
      readonly code: Extract<PostbackErrorCode, 'click_not_found' | 'missing_click_id'>;
      readonly flags: readonly LogFlag[];
    };

export interface MatchPorts {
  readonly settings: SettingsReader;
  readonly clicks: ClickReader;
  readonly journal: Pick<Journal, 'converted' | 'marked' | 'conversion' | 'ofClick'>;
}

const hour = 3_600_000;

/**
 * Finds the click of a postback (contract 1.4). The click's own partner owns it, whoever has the offer now.
 *
 * @param now epoch milliseconds of receipt; a later click is never meant.
 * @param markers ids under which the transactions in the postback may be known, best first.
 */
export async function matchClick(
  ports: MatchPorts,
  partner: Partner,
  postback: Postback,
  now: number,
  markers: readonly string[],
): Promise<Match> {
  if (postback.clickId === undefined) return matchWithoutId(ports, partner, postback, now, markers);
  const click = await findClick(ports, postback.clickId);
  if (click === undefined) return { kind: 'none', code: 'click_not_found', flags: [] };
  if (click.partner_id !== partner.partner_id) return { kind: 'none', code: 'click_not_found', flags: ['click_of_other_partner'] };
  const offer = await ports.settings.offer(click.offer_id);
  if (offer === undefined) return { kind: 'none', code: 'click_not_found', flags: [] };
  const mismatch = postback.offerReferences.some((reference) => reference !== offer.offer_id && reference !== offer.campaign_id);
  return { kind: 'click', click, offer, matchedBy: 'click_id', flags: mismatch ? ['offer_mismatch'] : [], guessed: false };
}

/** Finds the click by its id as sent, else in upper case, which ours are in. A conversion outlives its click. */
async function findClick({ clicks, journal }: Pick<MatchPorts, 'clicks' | 'journal'>, id: string): Promise<Click | undefined> {
  for (const one of new Set([id, id.toUpperCase()])) {
    const found = (await clicks.find(one)) ?? (await journal.ofClick(one)).map(clickOf)[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A click that is no longer kept, from what its conversion knows of it. */
function clickOf(conversion: Conversion): Click {
  const { partner_id, publisher_id, placement_id, offer_id, user_id, click_id, click, created_at } = conversion;
  const { username, sub_ids = {}, ip, country, device_id, clicked_at = created_at } = click;
  return { click_id, partner_id, publisher_id, placement_id, offer_id, user_id, username, sub_ids, ip, country, device_id, clicked_at };
}

/**
 * Without a click id, a known transaction leads to its conversion. Otherwise the partner's policy guesses an unconverted click of the
 * offer, from the hour before the postback. A take-back is about something that was paid, so it is never about a click that has not
 * converted.
 */
async function matchWithoutId(
  ports: MatchPorts,
  partner: Partner,
  postback: Postback,
  now: number,
  markers: readonly string[],
): Promise<Match> {
  const none: Match = { kind: 'none', code: 'missing_click_id', flags: [] };
  const known = await matchByMarker(ports, markers);
  if (known !== undefined) return known;
  if (isTakeBack({ status: postback.status === 'test' ? undefined : postback.status, chargeback: postback.rejectedIsChargeback }))
    return postback.matchByTransaction && markers.length > 0 ? { kind: 'held', code: 'unknown_transaction', offer: undefined } : none;
  if (partner.fallback_matching === 'off') return none;
  const found = await Promise.all(
    postback.offerReferences.map((reference) => ports.settings.offersByReference(partner.partner_id, reference)),
  );
  const offers = [...new Map(found.flat().map((offer) => [offer.offer_id, offer])).values()];
  const latest = partner.fallback_matching === 'latest';
  const open = (await Promise.all(offers.map((offer) => openClicks(ports, offer, postback.event, now, latest ? 1 : 2)))).flat();
  if (open.length === 0) return none;
  if (!latest && open.length > 1) return { kind: 'held', code: 'several_candidates', offer: offers[0] };
  const click = open.reduce((newest, one) => (one.clicked_at > newest.clicked_at ? one : newest));
  const offer = offers.find(({ offer_id }) => offer_id === click.offer_id);
  const matchedBy = latest ? 'latest_click' : 'recent_offer';
  return offer === undefined ? none : { kind: 'click', click, offer, matchedBy, flags: [matchedBy], guessed: true };
}

/** The newest clicks of an offer that have not converted: at most `most`, since no more are needed. */
async function openClicks({ clicks, journal }: MatchPorts, offer: Offer, event: string, now: number, most: number): Promise<Click[]> {
  const open: Click[] = [];
  for await (const page of clicks.recent(offer.offer_id, new Date(now - hour).toISOString(), new Date(now).toISOString())) {
    const converted = await journal.converted(page, event);
    for (const id of page.filter((one) => !converted.has(one))) {
      const click = await clicks.find(id);
      if (click !== undefined) open.push(click);
      if (open.length === most) return open;
    }
  }
  return open;
}

/** The click of the conversion to which a transaction of the partner leads. */
async function matchByMarker(ports: MatchPorts, markers: readonly string[]): Promise<Match | undefined> {
  for (const marker of markers) {
    const { conversionId } = (await ports.journal.marked(marker)) ?? {};
    const conversion = conversionId === undefined ? undefined : await ports.journal.conversion(conversionId);
    if (conversion === undefined) continue;
    const [click, offer] = await Promise.all([ports.clicks.find(conversion.click_id), ports.settings.offer(conversion.offer_id)]);
    if (offer === undefined) continue;
    const matchedBy = conversion.matched_by;
    const flags = matchedBy === 'click_id' ? [] : [matchedBy];
    return { kind: 'click', click: click ?? clickOf(conversion), offer, matchedBy, flags, guessed: false };
  }
  return undefined;
}
