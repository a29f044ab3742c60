import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** Reads a secret of the deployment; it is never logged. */
export function createSecretReader(): (id: string) => Promise<string> {
  const client = new SecretsManagerClient({});
  return async (id) => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }));
    if (SecretString === undefined) throw new Error('the secret holds no text');
    return SecretString;
  };
}
