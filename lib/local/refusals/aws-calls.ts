import { ClientRequest, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { type AwsCall, parseBody, type Refusal, textAt } from './call.ts';
import { type KeysOfTables, refusedKey } from './key-limits.ts';
import { refusedMessage } from './queue-limits.ts';
import { accessDenied, type Right, type Role, rightName, rightsFor } from './rights.ts';

/** What AWS knows about the deployment and the emulators do not. */
export interface AwsRules {
  readonly role: Role;
  readonly keys: KeysOfTables;
}

/** Called once for each right that was used, and every time one was missing. */
export type Note = (kind: 'used' | 'missing', right: Right) => void;

/**
 * Judges this thread's calls to AWS before they leave it: a call that the deployed role, DynamoDB or SQS would refuse gets its answer here,
 * in AWS's words, and never reaches the emulator. All requests pass through here anyway, so judging them costs no connection and no copy.
 */
export function judgeCalls(rules: AwsRules, note: Note): void {
  const judge = createJudge(rules, note);
  const { end } = ClientRequest.prototype;
  ClientRequest.prototype.end = function (this: ClientRequest, ...args: unknown[]) {
    const call = callOf(this, args[0]);
    const refusal = call && judge(call);
    if (refusal === undefined) Reflect.apply(end, this, args);
    else answerInstead(this, call?.target.startsWith('AmazonSNS.') ? inXml(refusal) : inJson(refusal));
    return this;
  };
}

/** @returns `undefined` when the request is no call to AWS. */
function callOf(request: ClientRequest, chunk: unknown): AwsCall | undefined {
  const target = request.getHeader('x-amz-target');
  if (typeof target === 'string') return { target, body: parseBody(textOf(chunk)) };
  // SNS still speaks AWS's older protocol: a form that names its action.
  if (!String(request.getHeader('authorization')).includes('/sns/aws4_request')) return undefined;
  const body = Object.fromEntries(new URLSearchParams(textOf(chunk)));
  return { target: `AmazonSNS.${body['Action']}`, body };
}

/**
 * Policies here only allow, name every action and resource, and have no conditions (test/infra checks that). So a right is either granted
 * or not, and there is nothing to evaluate.
 *
 * @returns a function that answers a call with AWS's refusal, or with `undefined` when the call may pass.
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
    return refusedKey(call, keys) ?? refusedMessage(call);
  };
}

function textOf(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk;
  return chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString() : '';
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function inJson({ status, body }: Refusal): Answer {
  return { status, type: 'application/x-amz-json-1.0', text: JSON.stringify(body) };
}

/** The refusal in the form of SNS, whose calls can be refused only for a missing right. */
function inXml({ body }: Refusal): Answer {
  const error = `<Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>${textAt(body, 'message')}</Message></Error>`;
  return { status: 403, type: 'text/xml', text: `<ErrorResponse>${error}</ErrorResponse>` };
}

/** Answers the request so that the caller cannot tell it from an answer that came over the network. */
function answerInstead(request: ClientRequest, { status, type, text }: Answer): void {
  const response = new IncomingMessage(new Socket());
  response.statusCode = status;
  response.headers['content-type'] = type;
  response.push(text);
  response.push(null);
  request.emit('response', response);
  // The request's connection has sent nothing, and whoever is notified of its end already has the answer.
  request.destroy();
}
