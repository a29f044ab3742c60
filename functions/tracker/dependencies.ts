import { proxiesIn } from '../adapters/addresses.ts';
import { createDocumentClient } from '../adapters/dynamo/client.ts';
import { createLimitedClicks } from '../adapters/dynamo/limited-clicks.ts';
import { createSettingsReader } from '../adapters/dynamo/settings-reader.ts';
import { newClickId } from '../adapters/ids.ts';
import { readEnvironment } from '../runtime/env.ts';
import { trackerEnvironment } from './env.ts';
import type { TrackerDependencies } from './follow-tracking-link.ts';

interface Tracker extends TrackerDependencies {
  readonly isTrustedProxy: (address: string) => boolean;
}

export function createTracker(environment: NodeJS.ProcessEnv = process.env): Tracker {
  const env = readEnvironment(trackerEnvironment, environment);
  const client = createDocumentClient();
  return {
    settings: createSettingsReader(client, env.SETTINGS_TABLE, env.SETTINGS_CACHE_SECONDS),
    storeClick: createLimitedClicks(client, env.CLICKS_TABLE, env.CLICKS_PER_USER_AND_HOUR),
    now: () => new Date(),
    newId: newClickId,
    isTrustedProxy: proxiesIn(env.TRUSTED_PROXIES),
  };
}
