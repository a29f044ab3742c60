import adcolony from './built-in/adcolony.json' with { type: 'json' };
import adgate from './built-in/adgate.json' with { type: 'json' };
import adgem from './built-in/adgem.json' with { type: 'json' };
import adgemV3 from './built-in/adgem-v3.json' with { type: 'json' };
import adiscope from './built-in/adiscope.json' with { type: 'json' };
import adjoe from './built-in/adjoe.json' with { type: 'json' };
import admantum from './built-in/admantum.json' with { type: 'json' };
import adscend from './built-in/adscend.json' with { type: 'json' };
import adswedmedia from './built-in/adswedmedia.json' with { type: 'json' };
import affise from './built-in/affise.json' with { type: 'json' };
import applovinMax from './built-in/applovin-max.json' with { type: 'json' };
import ayet from './built-in/ayet.json' with { type: 'json' };
import bitcotasks from './built-in/bitcotasks.json' with { type: 'json' };
import bitlabs from './built-in/bitlabs.json' with { type: 'json' };
import cake from './built-in/cake.json' with { type: 'json' };
import cpalead from './built-in/cpalead.json' with { type: 'json' };
import cpx from './built-in/cpx.json' with { type: 'json' };
import digitalTurbine from './built-in/digital-turbine.json' with { type: 'json' };
import everflow from './built-in/everflow.json' with { type: 'json' };
import gaintwall from './built-in/gaintwall.json' with { type: 'json' };
import genericHmac from './built-in/generic-hmac.json' with { type: 'json' };
import hitpath from './built-in/hitpath.json' with { type: 'json' };
import impact from './built-in/impact.json' with { type: 'json' };
import inbrain from './built-in/inbrain.json' with { type: 'json' };
import keitaro from './built-in/keitaro.json' with { type: 'json' };
import kiwiwall from './built-in/kiwiwall.json' with { type: 'json' };
import levelplay from './built-in/levelplay.json' with { type: 'json' };
import lootably from './built-in/lootably.json' with { type: 'json' };
import momentscience from './built-in/momentscience.json' with { type: 'json' };
import monlix from './built-in/monlix.json' with { type: 'json' };
import moonetix from './built-in/moonetix.json' with { type: 'json' };
import notik from './built-in/notik.json' with { type: 'json' };
import offerdaddy from './built-in/offerdaddy.json' with { type: 'json' };
import offerlia from './built-in/offerlia.json' with { type: 'json' };
import offerwallGg from './built-in/offerwall-gg.json' with { type: 'json' };
import offery from './built-in/offery.json' with { type: 'json' };
import personaly from './built-in/personaly.json' with { type: 'json' };
import pollfish from './built-in/pollfish.json' with { type: 'json' };
import pubscale from './built-in/pubscale.json' with { type: 'json' };
import redtrack from './built-in/redtrack.json' with { type: 'json' };
import scaleo from './built-in/scaleo.json' with { type: 'json' };
import subidFamily from './built-in/subid-family.json' with { type: 'json' };
import superrewards from './built-in/superrewards.json' with { type: 'json' };
import tapjoy from './built-in/tapjoy.json' with { type: 'json' };
import theoremreach from './built-in/theoremreach.json' with { type: 'json' };
import timewall from './built-in/timewall.json' with { type: 'json' };
import torox from './built-in/torox.json' with { type: 'json' };
import trackier from './built-in/trackier.json' with { type: 'json' };
import tune from './built-in/tune.json' with { type: 'json' };
import unityAds from './built-in/unity-ads.json' with { type: 'json' };
import voluum from './built-in/voluum.json' with { type: 'json' };
import wannads from './built-in/wannads.json' with { type: 'json' };
import type { Network } from './network.ts';

/** The networks that ship with the product (contract 1.8), by the id that a partner's `preset` names. */
export const builtInNetworks: ReadonlyMap<string, Network> = new Map(
  [
    bitlabs,
    ayet,
    tapjoy,
    pollfish,
    adgate,
    cpx,
    torox,
    lootably,
    theoremreach,
    inbrain,
    subidFamily,
    wannads,
    adswedmedia,
    bitcotasks,
    offery,
    notik,
    monlix,
    timewall,
    kiwiwall,
    moonetix,
    offerlia,
    offerdaddy,
    personaly,
    adscend,
    cpalead,
    superrewards,
    admantum,
    gaintwall,
    offerwallGg,
    adgem,
    adgemV3,
    pubscale,
    adjoe,
    momentscience,
    impact,
    unityAds,
    levelplay,
    applovinMax,
    digitalTurbine,
    adcolony,
    adiscope,
    genericHmac,
    everflow,
    tune,
    cake,
    hitpath,
    affise,
    trackier,
    scaleo,
    voluum,
    redtrack,
    keitaro,
  ].map((network) => [network.network_id, network]),
);
