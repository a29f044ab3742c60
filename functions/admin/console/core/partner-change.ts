import { anyChanged } from './changed.ts';
import type { NetworkDocument } from './network-document.ts';
import type { Partner } from './types.ts';

/** The choice for a partner that does not sign although its network does. */
export const unsigned = 'none';

/** What a person has changed about a partner; null for what was emptied. */
interface PartnerForm extends Readonly<Record<string, unknown>> {
  readonly network_settings?: NetworkDocument | null | undefined;
  readonly recipe?: NetworkDocument | typeof unsigned | null | undefined;
}

const ofResponse = /^response_(.+)$/;

/** The body of a change. A field that the API replaces as a whole is sent whole, including the parts that did not change. */
export function partnerChange(form: PartnerForm, partner: Partner): Readonly<Record<string, unknown>> {
  const { secret, old_secrets, network_settings, recipe, ...others } = form;
  const entries = Object.entries(others);
  const response = entries.flatMap(([name, value]) => {
    const part = ofResponse.exec(name)?.[1];
    return part === undefined ? [] : [[part, value] as const];
  });
  return {
    ...Object.fromEntries(entries.filter(([name]) => !ofResponse.test(name))),
    ...(anyChanged(secret, old_secrets) && { signing: signingOf(secret, old_secrets) }),
    ...(anyChanged(network_settings, recipe) && { network_settings: settingsOf({ network_settings, recipe }, partner) }),
    ...(response.length > 0 && { response: partsOf({ ...partner.response, ...Object.fromEntries(response) }) }),
  };
}

/** Without a valid secret, no signature is required. */
function signingOf(secret: unknown, old: unknown): object | null {
  if (secret === undefined) return null;
  return { secret, ...(old !== undefined && { replace: true }) };
}

/** How a partner signs is one of its network settings, but has a field of its own in the form. */
function settingsOf({ network_settings, recipe }: PartnerForm, { network_settings: before }: Partner): object | null {
  const { signing, ...overrides } = before ?? {};
  const settings = {
    ...(network_settings === undefined ? overrides : network_settings),
    signing: recipe === undefined ? signing : (recipe ?? undefined),
  };
  const kept = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value === unsigned ? null : value]],
  );
  return kept.length === 0 ? null : Object.fromEntries(kept);
}

function partsOf(parts: Readonly<Record<string, unknown>>): object | null {
  const kept = Object.entries(parts).filter(([, value]) => value !== null);
  return kept.length === 0 ? null : Object.fromEntries(kept);
}
