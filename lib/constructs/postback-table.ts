import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

/** A key of one or two attributes. The partition key is text; the sort key is text unless `numericSort` is set. */
interface TableKey {
  readonly partition: string;
  readonly sort?: string;
}

/** An index: its key, and which attributes it copies: `all` of them, only the `keys`, or those of a list. */
interface TableIndex extends TableKey {
  readonly copies: 'all' | 'keys' | readonly string[];
}

export interface PostbackTableProps extends TableKey {
  /** Whether the sort key is a number. @default false */
  readonly numericSort?: boolean;
  /** @default - none */
  readonly indexes?: Readonly<Record<string, TableIndex>>;
  /** Whether DynamoDB deletes items after their `expires_at` (Unix seconds). @default false */
  readonly expires?: boolean;
  /** Whether DynamoDB refuses to delete the table, whoever asks for it. */
  readonly protect: boolean;
}

/**
 * A table with the settings that all our tables share: on demand, encrypted, recoverable to any second of the last 35 days, and kept when
 * its stack is deleted, since it records what people are owed.
 */
export class PostbackTable extends TableV2 {
  /** Names of the indexes, for code that grants access to one of them. */
  readonly indexNames: readonly string[];

  constructor(scope: Construct, id: string, props: PostbackTableProps) {
    super(scope, id, {
      partitionKey: text(props.partition),
      ...(props.sort !== undefined && {
        sortKey: { name: props.sort, type: props.numericSort === true ? AttributeType.NUMBER : AttributeType.STRING },
      }),
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.protect,
      // A table that a failed deployment created is deleted with it: nobody has written to it.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      globalSecondaryIndexes: Object.entries(props.indexes ?? {}).map(([name, index]) => indexProps(name, index)),
      ...(props.expires === true && { timeToLiveAttribute: 'expires_at' }),
    });
    this.indexNames = Object.keys(props.indexes ?? {});
  }

  /** The ARN of one index, so that access can be granted to it alone. */
  indexArn(name: string): string {
    if (!this.indexNames.includes(name)) throw new Error(`${this.node.id} has no index ${name}`);
    return `${this.tableArn}/index/${name}`;
  }
}

function indexProps(indexName: string, index: TableIndex): GlobalSecondaryIndexPropsV2 {
  return {
    indexName,
    partitionKey: text(index.partition),
    ...(index.sort !== undefined && { sortKey: text(index.sort) }),
    ...projection(index.copies),
  };
}

function projection(copies: TableIndex['copies']): Pick<GlobalSecondaryIndexPropsV2, 'projectionType' | 'nonKeyAttributes'> {
  if (copies === 'all') return { projectionType: ProjectionType.ALL };
  if (copies === 'keys') return { projectionType: ProjectionType.KEYS_ONLY };
  return { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...copies] };
}

const text = (name: string) => ({ name, type: AttributeType.STRING });
