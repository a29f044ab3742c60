import type { Partner } from '../settings.ts';
import { adgate } from './adgate.ts';
import { ayet } from './ayet.ts';
import { bitlabs } from './bitlabs.ts';
import { cpx } from './cpx.ts';
import { genericHmac } from './generic-hmac.ts';
import { inbrain } from './inbrain.ts';
import { lootably } from './lootably.ts';
import { pollfish } from './pollfish.ts';
import type { Preset } from './preset.ts';
import type { SignatureRecipe } from './signature.ts';
import { subidFamily } from './subid-family.ts';
import { tapjoy } from './tapjoy.ts';
import { theoremreach } from './theoremreach.ts';
import { torox } from './torox.ts';

/** The networks we know, by the name a partner's `preset` has (contract 1.8). */
export const presets: ReadonlyMap<string, Preset> = new Map(
  [bitlabs, ayet, tapjoy, pollfish, adgate, cpx, torox, lootably, theoremreach, inbrain, subidFamily, genericHmac].map((preset) => [
    preset.name,
    preset,
  ]),
);

/** The preset of a partner; `undefined` when it has none. */
export function presetOf(partner: Pick<Partner, 'preset'>): Preset | undefined {
  return partner.preset === undefined ? undefined : presets.get(partner.preset);
}

/** How a partner's requests are signed, if it has a secret: as its network does, else in the generic way. */
export function signatureRecipeOf(partner: Pick<Partner, 'preset'>): SignatureRecipe | undefined {
  return (presetOf(partner) ?? genericHmac).signature;
}
