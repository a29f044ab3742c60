import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { ulid } from 'ulid';
import { createBooks } from '../../functions/adapters/dynamo/books.ts';
import { settingKey } from '../../functions/adapters/dynamo/setting-rows.ts';
import { createSettingsReader } from '../../functions/adapters/dynamo/settings-reader.ts';
import { settleConversions } from '../../functions/processor/settle-conversions.ts';
import type { LocalSystem } from '../../lib/local/start-local.ts';
import { directClient, namesOf } from './faults/tables.ts';

/** Settles conversions as the processor does, but at a chosen time, on a stack whose queues nobody polls. */
export class OwnSettling {
  private readonly client;
  private readonly names;

  constructor(system: LocalSystem) {
    this.client = directClient(system.endpoints.dynamodb, system.region);
    this.names = namesOf(system.tables.values());
  }

  /** @param at ISO 8601. */
  async settle(at: string, ...conversionIds: readonly string[]): Promise<void> {
    const failed = await settleConversions(
      {
        settings: createSettingsReader(this.client, this.names.settings, 0),
        books: createBooks(this.client, this.names, Math.random),
        hints: { send: async () => {} },
        now: () => new Date(at),
        newDeliveryId: () => ulid(Date.parse(at)),
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        random: Math.random,
        warn: (event, error) => {
          throw new Error(event, { cause: error });
        },
        measure: () => {},
      },
      conversionIds.map((conversionId) => ({ conversionId })),
    );
    for (const error of failed.values()) throw error;
  }

  /** Makes a publisher look as if it had been created at that time. @param at ISO 8601. */
  async isKnownSince(at: string, publisherId: string): Promise<void> {
    await this.client.send(
      new UpdateCommand({
        TableName: this.names.settings,
        Key: { pk: settingKey('publisher', publisherId) },
        UpdateExpression: 'SET created_at = :at',
        ExpressionAttributeValues: { ':at': at },
      }),
    );
  }

  stop(): void {
    this.client.destroy();
  }
}
