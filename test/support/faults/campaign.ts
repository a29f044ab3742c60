import { randomBytes } from 'node:crypto';
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';
import { ulid } from 'ulid';
import { clickId as clickIdSchema, createClickStore } from '../../../functions/adapters/dynamo/click-store.ts';
import { toItem } from '../../../functions/adapters/dynamo/item.ts';
import { type SettingKind, settingKey } from '../../../functions/adapters/dynamo/setting-rows.ts';
import { hashSecret } from '../../../functions/adapters/hashing.ts';
import { newWebhookSecret } from '../../../functions/adapters/http/signing.ts';
import type { Vault } from '../../../functions/adapters/vault.ts';
import { plainPartner } from '../../../functions/admin/settings/partner.ts';
import type { Offer, Partner, Placement, Publisher } from '../../../functions/domain/settings.ts';
import { offerId, partnerId, placementId, publisherId } from '../../../functions/runtime/ids.ts';
import type { TableNames } from './tables.ts';

/** A partner with a key, an offer at 80%, a publisher and a placement, written directly into the tables. */
export interface Campaign {
  readonly key: string;
  readonly partner: Partner;
  readonly offer: Offer;
  readonly publisher: Publisher;
  readonly placement: Placement;
}

export interface CampaignOptions {
  readonly partner?: Partial<Partner>;
  readonly offer?: Partial<Offer>;
  readonly publisher?: Partial<Publisher>;
}

/** The tables of a campaign. */
export interface Store {
  readonly client: DynamoDBDocumentClient;
  readonly names: TableNames;
  readonly vault: Pick<Vault, 'seal'>;
}

export const payout = '5.00';
/** Points of one conversion of {@link payout} at the campaign's 80%. */
export const points = '4.00';

let made = 0;

export async function makeCampaign(store: Store, postbackUrl: string, options: CampaignOptions = {}): Promise<Campaign> {
  made += 1;
  const id = `c${process.pid}-${made}-${randomBytes(3).toString('hex')}`;
  const publisher: Publisher = {
    publisher_id: publisherId.parse(`pub-${id}`),
    name: `Publisher ${id}`,
    postback_url: `${postbackUrl}/${id}?click_id={click_id}&points={points}&status={status}&delivery_id={delivery_id}`,
    postback_method: 'GET',
    postbacks: [],
    forward_statuses: ['pending', 'approved', 'rejected', 'reversed'],
    payout_overrides: {},
    secrets: [
      await store.vault.seal(
        newWebhookSecret((size) => randomBytes(size)),
        `pub-${id}`,
      ),
    ],
    ...options.publisher,
  };
  const partner: Partner = { ...plainPartner(partnerId.parse(`par-${id}`), `Partner ${id}`), ip_policy: 'off', ...options.partner };
  const offer: Offer = {
    offer_id: offerId.parse(`off-${id}`),
    partner_id: partner.partner_id,
    campaign_id: `campaign-${id}`,
    name: `Offer ${id}`,
    target_url: 'https://example.com/?click_id={click_id}',
    revenue_share_percent: new Big(80),
    conversion_window_days: 365,
    goals: [],
    status: 'active',
    ...options.offer,
  };
  const placement: Placement = {
    placement_id: placementId.parse(`pla-${id}`),
    publisher_id: publisher.publisher_id,
    name: `Placement ${id}`,
    exchange_rate: new Big(1),
  };
  const key = randomBytes(24).toString('base64url');
  await Promise.all([
    putSetting(store, 'partner', partner.partner_id, partner),
    putSetting(store, 'offer', offer.offer_id, { ...offer, campaign: `${partner.partner_id}#${offer.campaign_id}` }),
    putSetting(store, 'publisher', publisher.publisher_id, publisher),
    putSetting(store, 'placement', placement.placement_id, placement),
    store.client.send(
      new PutCommand({
        TableName: store.names.keys,
        Item: toItem({
          key_hash: hashSecret(key),
          key_id: ulid(),
          partner_id: partner.partner_id,
          label: 'production',
          prefix: key.slice(0, 4),
          status: 'active',
          created_at: new Date(0).toISOString(),
        }),
      }),
    ),
  ]);
  return { key, partner, offer, publisher, placement };
}

export async function putSetting({ client, names }: Store, kind: SettingKind, id: string, value: object): Promise<void> {
  const pk = settingKey(kind, id);
  const created = ulid();
  const now = new Date().toISOString();
  const Item = { ...toItem({ ...value, kind, created, created_at: now, updated_at: now, revision: 1 }), pk };
  await client.send(new PutCommand({ TableName: names.settings, Item }));
}

/** Creates a click on the campaign's offer. */
export async function makeClick({ client, names }: Store, campaign: Campaign, user: string, at: number): Promise<string> {
  const click_id = clickIdSchema.parse(`CLK-${ulid(at)}`);
  await createClickStore(client, names.clicks).put({
    click_id,
    offer_id: campaign.offer.offer_id,
    partner_id: campaign.partner.partner_id,
    publisher_id: campaign.publisher.publisher_id,
    placement_id: campaign.placement.placement_id,
    user_id: user,
    sub_ids: {},
    clicked_at: new Date(at).toISOString(),
  });
  return click_id;
}
