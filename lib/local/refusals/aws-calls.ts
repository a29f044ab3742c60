import { ClientRequest, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { type AwsCall, parseBody, type Refusal } from './call.ts';
import { type KeysOfTables, refusedKey } from './key-limits.ts';
import { accessDenied, type Right, type Role, rightName, rightsFor } from './rights.ts';

/** What the emulators do not know of the deployment and AWS does. */
export interface AwsRules {
  readonly role: Role;
  readonly keys: KeysOfTables;
}

/** Told once of each right that was used, and each time of one that was missing. */
export type Note = (kind: 'used' | 'missing', right: Right) => void;

/**
 * Has this thread's calls to AWS judged before they leave it: what the deployed role or DynamoDB itself would refuse is answered
 * here, in AWS's words, and never reaches the emulator. Here the requests pass anyway, so it costs no connection and no copy.
 */
export function judgeCalls(rules: AwsRules, note: Note): void {
  const judge = createJudge(rules, note);
  const { end } = ClientRequest.prototype;
  ClientRequest.prototype.end = function (this: ClientRequest, ...args: unknown[]) {
    const target = this.getHeader('x-amz-target');
    const refusal = typeof target === 'string' ? judge({ target, body: parseBody(textOf(args[0])) }) : undefined;
    if (refusal === undefined) Reflect.apply(end, this, args);
    else answerInstead(this, refusal);
    return this;
  };
}

/**
 * Policies here only allow, name every action and resource, and have no conditions (test/infra holds that): so a right is granted or
 * not, and there is nothing to evaluate.
 *
 * @returns AWS's refusal; `undefined`: the call may pass.
 */
export function createJudge({ role, keys }: AwsRules, note: Note): (call: AwsCall) => Refusal | undefined {
  const granted = new Set(role.rights.map(rightName));
  const noted = new Set<string>();
  return (call) => {
    for (const right of rightsFor(call, role.places)) {
      const name = rightName(right);
      if (!granted.has(name)) {
        note('missing', right);
        return accessDenied(right, role);
      }
      if (!noted.has(name)) note('used', right);
      noted.add(name);
    }
    return refusedKey(call, keys);
  };
}

function textOf(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk;
  return chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString() : '';
}

/** The caller cannot tell it from an answer that came over the wire. */
function answerInstead(request: ClientRequest, { status, body }: Refusal): void {
  const response = new IncomingMessage(new Socket());
  response.statusCode = status;
  response.headers['content-type'] = 'application/x-amz-json-1.0';
  response.push(JSON.stringify(body));
  response.push(null);
  request.emit('response', response);
  // Its connection has sent nothing. Whoever hears of its end has its answer already.
  request.destroy();
}
