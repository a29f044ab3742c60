import type { AuditLog } from '../adapters/dynamo/audit.ts';
import type { KeysWriter } from '../adapters/dynamo/keys-writer.ts';
import type { NetworkRow } from '../adapters/dynamo/setting-rows.ts';
import type { SettingStore } from '../adapters/dynamo/settings-writer.ts';
import type { Tokens } from '../adapters/dynamo/tokens.ts';
import type { Addressee } from '../adapters/http/sender.ts';
import type { Subscription } from '../adapters/sns/alert-mail.ts';
import type { Vault } from '../adapters/vault.ts';
import type { Alert } from '../domain/alerting/alert.ts';
import type { Click } from '../domain/click.ts';
import type { AttemptResult } from '../domain/delivery/outcome.ts';
import type { OutboundRequest } from '../domain/delivery/request.ts';
import type { Endpoints } from '../domain/forwarding/ports.ts';
import type { ClickId } from '../domain/ids.ts';
import type { Crypto } from '../domain/networks/crypto.ts';
import type { Inflate } from '../domain/postback/body-parameters.ts';
import type { Offer, Partner, Placement, Publisher, Rule } from '../domain/settings.ts';

/** What the routes for settings need. */
export interface SettingsDependencies {
  readonly partners: SettingStore<Partner>;
  readonly offers: SettingStore<Offer>;
  readonly publishers: SettingStore<Publisher>;
  readonly placements: SettingStore<Placement>;
  readonly rules: SettingStore<Rule>;
  readonly networks: SettingStore<NetworkRow>;
  readonly alerts: SettingStore<Alert>;
  readonly keys: KeysWriter;
  readonly tokens: Tokens;
  readonly audit: AuditLog;
  readonly findClick: (id: string) => Promise<Click | undefined>;
  /** Stores the click and returns it, or returns the user's last click when the limit for one user and offer is reached. */
  readonly storeClick: (click: Click) => Promise<Click>;
  readonly endpoints: Endpoints;
  /** Releases the deliveries that were held for one postback of a publisher; returns how many were released at once. */
  readonly releaseHeld: (publisher: Publisher['publisher_id'], postbackId: string | undefined) => Promise<number>;
  /** Ends the deliveries that were held for a postback or an alert that has been removed, visibly: nothing else would release them. */
  readonly retireEndpoint: (owner: Publisher['publisher_id'], postbackId: string | undefined) => Promise<void>;
  /** Signs a request and makes one attempt to send it. */
  readonly send: (addressee: Addressee, deliveryId: string, request: OutboundRequest) => Promise<AttemptResult>;
  /** Subscribes an email address to the alerts that are sent to it. Its owner has to confirm that. */
  readonly subscribeEmail: (email: string) => Promise<Subscription>;
  readonly vault: Vault;
  /** Whether publishers' URLs may be plain http; only on one machine. */
  readonly allowHttp: boolean;
  readonly isListed: (address: string, ranges: readonly string[]) => boolean;
  readonly crypto: Crypto;
  readonly inflate: Inflate;
  readonly hash: (secret: string) => string;
  /** A new `whsec_…` signing secret. */
  readonly newWebhookSecret: () => string;
  /** That many random bytes as base64url. */
  readonly randomText: (bytes: number) => string;
  /** A ULID. */
  readonly newId: () => string;
  readonly newClickId: () => ClickId;
  readonly now: () => Date;
}
