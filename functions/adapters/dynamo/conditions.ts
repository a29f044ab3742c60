import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/** Makes a conditional write. Returns `false` when the row is not as expected and nothing was written. */
export async function unlessChanged(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
