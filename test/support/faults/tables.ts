import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { synthesise } from '../../../lib/local/assembly.ts';
import { Deployment } from '../../../lib/local/deployment.ts';
import { createTables } from '../../../lib/local/tables.ts';
import { readAssembly } from '../../../lib/local/template.ts';

/** The names of the tables by their part. */
export interface TableNames {
  readonly settings: string;
  readonly keys: string;
  readonly clicks: string;
  readonly postbacks: string;
  readonly conversions: string;
  readonly ledger: string;
  readonly deliveries: string;
  readonly endpoints: string;
  readonly statistics: string;
  readonly audit: string;
  readonly tokens: string;
}

/** Creates the tables of the app's own template in a DynamoDB, each name with a prefix. */
export async function makeTables(endpoint: string, prefix: string): Promise<{ readonly names: TableNames; readonly region: string }> {
  const deployment = new Deployment(await readAssembly(await synthesise('dev', { bundle: false })), {
    queueEndpoint: 'http://127.0.0.1',
    tablePrefix: prefix,
  });
  const tables = deployment.tables();
  const client = new DynamoDBClient({
    region: deployment.region,
    endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await createTables(client, tables);
  client.destroy();
  return { names: namesOf(tables), region: deployment.region };
}

/** The names of the tables, by the part of the system that their logical ids name. */
export function namesOf(tables: Iterable<{ readonly id: string; readonly name: string }>): TableNames {
  const byPart = new Map([...tables].map(({ id, name }) => [id.replace(/Table[0-9A-F]{8}$/, ''), name]));
  const name = (part: string): string => {
    const found = byPart.get(part);
    if (found === undefined) throw new Error(`no table ${part}; there are: ${[...byPart.keys()].join(', ')}`);
    return found;
  };
  return {
    settings: name('Settings'),
    keys: name('Keys'),
    clicks: name('Clicks'),
    postbacks: name('Postbacks'),
    conversions: name('Conversions'),
    ledger: name('Ledger'),
    deliveries: name('Deliveries'),
    endpoints: name('Endpoints'),
    statistics: name('Statistics'),
    audit: name('Audit'),
    tokens: name('Tokens'),
  };
}

/** A client that goes directly to the tables, without faults. */
export function directClient(endpoint: string, region: string): DynamoDBDocumentClient {
  const client = new DynamoDBClient({ region, endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  return DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: true },
  });
}
