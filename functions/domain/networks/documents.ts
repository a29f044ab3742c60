import type { Network } from './network.ts';

/**
 * The documents of the networks that ship with the product (contract 1.8), by their ids. Each is read from beside the function's module
 * when it is first needed, so a start does not pay for networks that no partner has.
 */
export const networkDocuments: ReadonlyMap<string, () => Promise<{ readonly default: Network }>> = new Map(
  Object.entries({
    bitlabs: () => import('./built-in/bitlabs.json', { with: { type: 'json' } }),
    ayet: () => import('./built-in/ayet.json', { with: { type: 'json' } }),
    tapjoy: () => import('./built-in/tapjoy.json', { with: { type: 'json' } }),
    pollfish: () => import('./built-in/pollfish.json', { with: { type: 'json' } }),
    adgate: () => import('./built-in/adgate.json', { with: { type: 'json' } }),
    cpx: () => import('./built-in/cpx.json', { with: { type: 'json' } }),
    torox: () => import('./built-in/torox.json', { with: { type: 'json' } }),
    lootably: () => import('./built-in/lootably.json', { with: { type: 'json' } }),
    theoremreach: () => import('./built-in/theoremreach.json', { with: { type: 'json' } }),
    inbrain: () => import('./built-in/inbrain.json', { with: { type: 'json' } }),
    subid_family: () => import('./built-in/subid-family.json', { with: { type: 'json' } }),
    wannads: () => import('./built-in/wannads.json', { with: { type: 'json' } }),
    adswedmedia: () => import('./built-in/adswedmedia.json', { with: { type: 'json' } }),
    bitcotasks: () => import('./built-in/bitcotasks.json', { with: { type: 'json' } }),
    offery: () => import('./built-in/offery.json', { with: { type: 'json' } }),
    notik: () => import('./built-in/notik.json', { with: { type: 'json' } }),
    monlix: () => import('./built-in/monlix.json', { with: { type: 'json' } }),
    timewall: () => import('./built-in/timewall.json', { with: { type: 'json' } }),
    kiwiwall: () => import('./built-in/kiwiwall.json', { with: { type: 'json' } }),
    moonetix: () => import('./built-in/moonetix.json', { with: { type: 'json' } }),
    offerlia: () => import('./built-in/offerlia.json', { with: { type: 'json' } }),
    offerdaddy: () => import('./built-in/offerdaddy.json', { with: { type: 'json' } }),
    personaly: () => import('./built-in/personaly.json', { with: { type: 'json' } }),
    adscend: () => import('./built-in/adscend.json', { with: { type: 'json' } }),
    cpalead: () => import('./built-in/cpalead.json', { with: { type: 'json' } }),
    superrewards: () => import('./built-in/superrewards.json', { with: { type: 'json' } }),
    admantum: () => import('./built-in/admantum.json', { with: { type: 'json' } }),
    gaintwall: () => import('./built-in/gaintwall.json', { with: { type: 'json' } }),
    offerwall_gg: () => import('./built-in/offerwall-gg.json', { with: { type: 'json' } }),
    adgem: () => import('./built-in/adgem.json', { with: { type: 'json' } }),
    adgem_v3: () => import('./built-in/adgem-v3.json', { with: { type: 'json' } }),
    pubscale: () => import('./built-in/pubscale.json', { with: { type: 'json' } }),
    adjoe: () => import('./built-in/adjoe.json', { with: { type: 'json' } }),
    momentscience: () => import('./built-in/momentscience.json', { with: { type: 'json' } }),
    impact: () => import('./built-in/impact.json', { with: { type: 'json' } }),
    unity_ads: () => import('./built-in/unity-ads.json', { with: { type: 'json' } }),
    levelplay: () => import('./built-in/levelplay.json', { with: { type: 'json' } }),
    applovin_max: () => import('./built-in/applovin-max.json', { with: { type: 'json' } }),
    digital_turbine: () => import('./built-in/digital-turbine.json', { with: { type: 'json' } }),
    adcolony: () => import('./built-in/adcolony.json', { with: { type: 'json' } }),
    adiscope: () => import('./built-in/adiscope.json', { with: { type: 'json' } }),
    generic_hmac: () => import('./built-in/generic-hmac.json', { with: { type: 'json' } }),
    everflow: () => import('./built-in/everflow.json', { with: { type: 'json' } }),
    tune: () => import('./built-in/tune.json', { with: { type: 'json' } }),
    cake: () => import('./built-in/cake.json', { with: { type: 'json' } }),
    hitpath: () => import('./built-in/hitpath.json', { with: { type: 'json' } }),
    affise: () => import('./built-in/affise.json', { with: { type: 'json' } }),
    trackier: () => import('./built-in/trackier.json', { with: { type: 'json' } }),
    scaleo: () => import('./built-in/scaleo.json', { with: { type: 'json' } }),
    voluum: () => import('./built-in/voluum.json', { with: { type: 'json' } }),
    redtrack: () => import('./built-in/redtrack.json', { with: { type: 'json' } }),
    keitaro: () => import('./built-in/keitaro.json', { with: { type: 'json' } }),
  }),
);

const read = new Map<string, Network>();

/** A network that ships with the product, by the id in a partner's `preset`; `undefined` when there is none with this id. */
export async function builtInNetwork(id: string): Promise<Network | undefined> {
  const known = read.get(id);
  if (known !== undefined) return known;
  const document = (await networkDocuments.get(id)?.())?.default;
  if (document !== undefined) read.set(id, document);
  return document;
}
