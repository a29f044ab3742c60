import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import { logError } from '../runtime/logger.ts';
import { authorize, type Caller } from './authorize.ts';
import { createAuthorizer } from './dependencies.ts';

const dependencies = createAuthorizer();

/**
 * Tells the admin function who calls. When an authorizer refuses, the gateway answers 403 whatever the cause, but a bad token must get a
 * 401 (contract section 4). So a caller whom we do not know passes without a role, and the admin function, which serves nobody without one,
 * answers 401.
 */
export async function handler(
  event: APIGatewayRequestAuthorizerEventV2,
): Promise<APIGatewaySimpleAuthorizerWithContextResult<Partial<Caller>>> {
  try {
    const caller = await authorize(dependencies, event.headers?.['authorization']);
    return { isAuthorized: true, context: caller ?? {} };
  } catch (error) {
    logError('authorizer_failed', error);
    throw new Error('the token could not be checked');
  }
}
