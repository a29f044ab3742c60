import { CfnOutput, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { PostbackTable, type PostbackTableProps } from './constructs/postback-table.ts';
import type { StageConfig } from './stage-config.ts';

/** The tables, named by their purpose; docs/data-model.md describes their contents. */
export interface Tables {
  readonly settings: PostbackTable;
  readonly keys: PostbackTable;
  readonly tokens: PostbackTable;
  readonly clicks: PostbackTable;
  readonly postbacks: PostbackTable;
  readonly conversions: PostbackTable;
  readonly ledger: PostbackTable;
  readonly deliveries: PostbackTable;
  readonly endpoints: PostbackTable;
  readonly statistics: PostbackTable;
  readonly audit: PostbackTable;
}

/** The tables and the secrets, which must outlive their stack. They stay when the stack is deleted, unless its creation has just failed. */
export class Data {
  readonly tables: Tables;
  /** Encrypts partners' and publishers' signing secrets in the settings table. */
  readonly secretsKey: Secret;
  /** The first admin token, with which the others are issued. */
  readonly adminToken: Secret;

  private readonly scope: Construct;

  constructor(scope: Construct, stage: StageConfig) {
    this.scope = scope;
    this.tables = this.createTables(stage.retainData);
    this.secretsKey = this.createSecret('SecretsKey', 'Encrypts signing secrets of partners and publishers', 64);
    this.adminToken = this.createSecret('AdminToken', 'The first token of the admin API', 43);
  }

  private createTables(protect: boolean): Tables {
    const table = (id: string, props: Omit<PostbackTableProps, 'protect'>) => {
      const made = new PostbackTable(this.scope, `${id}Table`, { ...props, protect });
      // Operators' commands find the tables by these outputs.
      new CfnOutput(this.scope, `${id}TableName`, { value: made.tableName });
      return made;
    };
    return {
      settings: table('Settings', {
        partition: 'pk',
        indexes: {
          'by-kind': { partition: 'kind', sort: 'created', copies: 'all' },
          'by-campaign': { partition: 'campaign', sort: 'pk', copies: 'all' },
        },
      }),
      keys: table('Keys', {
        partition: 'key_hash',
        indexes: { 'by-partner': { partition: 'partner_id', sort: 'created', copies: 'all' } },
      }),
      tokens: table('Tokens', {
        partition: 'token_hash',
        indexes: { 'by-kind': { partition: 'kind', sort: 'created', copies: 'all' } },
      }),
      clicks: table('Clicks', {
        partition: 'click_id',
        indexes: { 'by-offer': { partition: 'offer_shard', sort: 'clicked_at', copies: 'keys' } },
        expires: true,
      }),
      postbacks: table('Postbacks', {
        partition: 'shard',
        sort: 'log_id',
        indexes: {
          'by-partner': {
            partition: 'partner_shard',
            sort: 'log_id',
            copies: ['result', 'code', 'click_id', 'key_id', 'transaction_id', 'user_id', 'conversion_id'],
          },
          'by-click': { partition: 'by_click', sort: 'log_id', copies: ['result', 'code', 'partner_id', 'key_id'] },
        },
        expires: true,
      }),
      conversions: table('Conversions', {
        partition: 'owner',
        sort: 'place',
        indexes: {
          'by-partner': { partition: 'partner_shard', sort: 'listed_at', copies: ['status', 'code', 'offer_id', 'publisher_id'] },
          'by-publisher': {
            partition: 'publisher_shard',
            sort: 'listed_at',
            copies: ['status', 'code', 'offer_id', 'partner_id', 'user_id'],
          },
          due: { partition: 'due_shard', sort: 'due_at', copies: 'keys' },
        },
      }),
      ledger: table('Ledger', { partition: 'account', sort: 'entry', numericSort: true }),
      deliveries: table('Deliveries', {
        partition: 'shard',
        sort: 'delivery_id',
        indexes: {
          'by-publisher': { partition: 'publisher_shard', sort: 'delivery_id', copies: ['status'] },
          due: { partition: 'due_shard', sort: 'due_at', copies: ['publisher_id'] },
        },
        expires: true,
      }),
      endpoints: table('Endpoints', { partition: 'publisher_id' }),
      statistics: table('Statistics', { partition: 'day_shard', sort: 'counter', expires: true }),
      audit: table('Audit', { partition: 'shard', sort: 'audit_id' }),
    };
  }

  private createSecret(id: string, description: string, passwordLength: number): Secret {
    const secret = new Secret(this.scope, id, {
      description,
      generateSecretString: { passwordLength, excludePunctuation: true },
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'A new key could not decrypt what the old one encrypted, and people replace the first admin token by issuing and revoking tokens.',
    });
    return secret;
  }
}
