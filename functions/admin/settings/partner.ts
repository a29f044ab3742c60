import type * as z from 'zod';
import type { Setting } from '../../adapters/dynamo/settings-writer.ts';
import type { NetworkSettings } from '../../domain/networks/network.ts';
import type { Partner } from '../../domain/settings.ts';
import { chosen } from '../schemas/fields.ts';
import { networkSettings } from '../schemas/network.ts';
import type { PartnerChange, partnerView } from '../schemas/partner.ts';

/** A partner with only an id and a name, and the defaults of contract section 4 for the rest. */
export function plainPartner(id: Partner['partner_id'], name: string): Partner {
  return {
    partner_id: id,
    partner_name: name,
    status: 'active',
    mode: 'standard',
    forward_to: [],
    parameter_mapping: {},
    parameter_defaults: {},
    status_mapping: {},
    fallback_matching: 'unique',
    ip_policy: 'flag',
    signing_secrets: [],
  };
}

/**
 * The partner after a change: fields that were not sent keep their value, and null clears a field. Secrets are not handled here, since they
 * need the vault.
 */
export function changedPartner(current: Partner, sent: PartnerChange): Partner {
  return {
    ...current,
    partner_name: sent.partner_name ?? current.partner_name,
    status: chosen(sent.status, current.status, 'active'),
    mode: chosen(sent.mode, current.mode, 'standard'),
    forward_to: chosen(sent.forward_to, current.forward_to, []),
    preset: chosen(sent.preset, current.preset, undefined),
    network_settings: settingsOf(current, sent),
    parameter_mapping: chosen(sent.parameter_mapping, current.parameter_mapping, {}),
    parameter_defaults: definedOnly(chosen(sent.parameter_defaults, current.parameter_defaults, {})),
    status_mapping: chosen(sent.status_mapping, current.status_mapping, {}),
    fallback_matching: chosen(sent.fallback_matching, current.fallback_matching, 'unique'),
    repeat: chosen(sent.repeat, current.repeat, undefined),
    match_by_transaction: chosen(sent.match_by_transaction, current.match_by_transaction, undefined),
    negative_payout: chosen(sent.negative_payout, current.negative_payout, undefined),
    ip_policy: chosen(sent.ip_policy, current.ip_policy, 'flag'),
    allowed_ips: chosen(sent.allowed_ips, current.allowed_ips, undefined),
    public_base_url: chosen(sent.public_base_url, current.public_base_url, undefined),
    currency: chosen(sent.currency, current.currency, undefined),
    response: chosen(sent.response, current.response, undefined),
  };
}

/** How a partner signs is one of its network settings, whichever of the two fields was sent. */
function settingsOf(current: Partner, { network_settings, signing }: PartnerChange): NetworkSettings | undefined {
  const settings = chosen(network_settings, current.network_settings, undefined);
  if (!signing) return settings;
  const { secret: _secret, replace: _replace, ...recipe } = signing;
  return Object.keys(recipe).length === 0 ? settings : { ...settings, signing: { ...settings?.signing, ...recipe } };
}

/** What the API shows of a partner. Of its secrets it shows only their number. */
export function partnerViewOf({ value, created_at, updated_at }: Setting<Partner>): z.output<typeof partnerView> {
  const { signing_secrets: secrets, ...shown } = value;
  return {
    ...shown,
    forward_to: [...value.forward_to],
    preset: value.preset ?? null,
    network_settings: value.network_settings === undefined ? null : networkSettings.parse(value.network_settings),
    repeat: value.repeat ?? null,
    match_by_transaction: value.match_by_transaction ?? null,
    negative_payout: value.negative_payout ?? null,
    signing: { configured: secrets.length > 0, secrets: secrets.length },
    public_base_url: value.public_base_url ?? null,
    allowed_ips: value.allowed_ips === undefined ? null : [...value.allowed_ips],
    response: value.response ?? null,
    currency: value.currency ?? 'USD',
    created_at,
    updated_at,
  };
}

function definedOnly(map: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
