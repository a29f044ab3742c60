import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createVault } from '../../../functions/adapters/vault.ts';
import { type LocalOptions, type LocalSystem, startLocal } from '../../../lib/local/start-local.ts';
import { PublisherServer } from '../publisher-server.ts';
import { type Campaign, type CampaignOptions, makeCampaign, makeClick, type Store } from './campaign.ts';
import { FaultProxy } from './fault-proxy.ts';
import { directClient, namesOf, type TableNames } from './tables.ts';

/** The whole system, with its real bundles in their workers, and a fault proxy in front of each emulator. */
export class FaultyStack implements Store {
  readonly system: LocalSystem;
  readonly dynamo: FaultProxy;
  readonly sqs: FaultProxy;
  readonly publisher: PublisherServer;
  readonly client: DynamoDBDocumentClient;
  readonly names: TableNames;
  readonly vault: Store['vault'];

  private constructor(system: LocalSystem, dynamo: FaultProxy, sqs: FaultProxy, publisher: PublisherServer) {
    this.system = system;
    this.dynamo = dynamo;
    this.sqs = sqs;
    this.publisher = publisher;
    this.client = directClient(system.endpoints.dynamodb, system.region);
    this.names = namesOf(system.tables.values());
    // Sealed with a key that the system does not have, until the system is asked to make a secret of its own: see rotateSecret.
    this.vault = createVault(async () => 'unknown to the system');
  }

  static async start(options: Partial<LocalOptions> = {}): Promise<FaultyStack> {
    const proxies: FaultProxy[] = [];
    const system = await startLocal({
      port: 0,
      dataDir: ':memory:',
      schedules: false,
      environment: { RATE_PER_KEY: '1000000' },
      intercept: async ({ dynamodb, sqs }) => {
        proxies.push(await FaultProxy.start(dynamodb), await FaultProxy.start(sqs));
        return { dynamodb: proxies[0]?.url ?? '', sqs: proxies[1]?.url ?? '' };
      },
      ...options,
    });
    const [dynamo, sqs] = proxies;
    if (dynamo === undefined || sqs === undefined) throw new Error('the proxies have not been started');
    return new FaultyStack(system, dynamo, sqs, await PublisherServer.start());
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.system.stop();
    await this.publisher.stop();
    await Promise.all([this.dynamo.stop(), this.sqs.stop()]);
  }

  /** With a publisher that the system itself has created, since only the system can seal the publisher's secret. */
  async campaign(options: CampaignOptions = {}): Promise<Campaign> {
    const campaign = await makeCampaign(this, this.publisher.url, options);
    const { publisher_id, name, postback_url } = { ...campaign.publisher };
    const own = `${publisher_id}-own`;
    await this.admin('POST', '/publishers', { publisher_id: own, name, postback_url });
    const placement = { ...campaign.placement, placement_id: `${campaign.placement.placement_id}-own`, publisher_id: own };
    await this.admin('POST', '/placements', { placement_id: placement.placement_id, publisher_id: own, name: placement.name });
    return { ...campaign, publisher: { ...campaign.publisher, publisher_id: own }, placement } as Campaign;
  }

  async admin(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.system.url}/api/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${this.system.adminToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  click(campaign: Campaign, user: string): Promise<string> {
    return makeClick(this, campaign, user, Date.now());
  }

  /** Sends one request as a partner does; returns `undefined` when there was no answer at all. */
  async send(key: string, parameters: Readonly<Record<string, string>>): Promise<{ status: number; result: string } | undefined> {
    try {
      const response = await fetch(`${this.system.url}/postback/${key}?${new URLSearchParams(parameters)}`);
      const { result = 'error' } = (await response.json().catch(() => ({}))) as { result?: string };
      return { status: response.status, result };
    } catch {
      return undefined;
    }
  }

  /** Sends the postback, as a partner does, until the answer says that it is accepted. */
  async sendUntilTaken(key: string, parameters: Readonly<Record<string, string>>, most = 60): Promise<string> {
    for (let tried = 0; tried < most; tried += 1) {
      const answer = await this.send(key, parameters);
      if (answer?.status === 200) return answer.result;
      await new Promise((resolve) => setTimeout(resolve, 20 + 20 * tried));
    }
    throw new Error(`not taken after ${most} tries`);
  }
}
