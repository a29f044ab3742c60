import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { stageConfig } from '../stage-config.ts';

/** A deployed stage, as its stack describes it. */
export interface DeployedStage {
  readonly region: string;
  /** @throws Error naming the outputs that exist. */
  output(name: string): string;
  /** A table's name. @param part such as `Ledger`. @throws Error when there is no such table. */
  table(part: string): string;
}

/**
 * Reads the outputs of a stage's stack, so that no operator's command has to guess the name of a table or a secret.
 *
 * @throws Error when there is no such stage, or when these credentials find no deployment of it.
 */
export async function deployedStage(name: string): Promise<DeployedStage> {
  const { region } = stageConfig(name);
  const StackName = `postback-${name}`;
  const client = new CloudFormationClient({ region });
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    const outputs = new Map((Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
    const output = (key: string): string => {
      const value = outputs.get(key);
      if (value === undefined) throw new Error(`the stack ${StackName} has no output ${key}; there are: ${[...outputs.keys()].join(', ')}`);
      return value;
    };
    return { region, output, table: (part) => output(`${part}TableName`) };
  } finally {
    client.destroy();
  }
}
