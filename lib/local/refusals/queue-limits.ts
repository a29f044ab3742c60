import { type AwsCall, isObject, listAt, type Refusal, textAt } from './call.ts';

const longestDelaySeconds = 900;
const groupId = /^[\x21-\x7e]{1,128}$/;

/**
 * The messages that SQS refuses and its emulator takes: later than a queue can keep them back, or of a group whose name is too long or
 * holds other letters. The emulator checks the rest (1 MB of a message or a batch, letters that are none of XML, ten entries). SQS
 * would refuse the entry of a batch and take the others; here the whole batch is refused, as none of ours may hold such an entry.
 *
 * @returns what SQS answers; `undefined`: it has nothing against it.
 */
export function refusedMessage({ target, body }: AwsCall): Refusal | undefined {
  const messages = target === 'AmazonSQS.SendMessage' ? [body] : target === 'AmazonSQS.SendMessageBatch' ? listAt(body, 'Entries') : [];
  const message = messages.map(faultOf).find((fault) => fault !== undefined);
  return message === undefined ? undefined : { status: 400, body: { __type: 'com.amazonaws.sqs#InvalidParameterValue', message } };
}

function faultOf(message: unknown): string | undefined {
  if (!isObject(message)) return undefined;
  const { DelaySeconds: delay = 0, MessageGroupId: group } = message;
  if (typeof delay !== 'number' || delay < 0 || delay > longestDelaySeconds)
    return `Value ${String(delay)} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${longestDelaySeconds}.`;
  if (group !== undefined && !groupId.test(textAt(message, 'MessageGroupId')))
    return `Value ${textAt(message, 'MessageGroupId')} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.`;
  return undefined;
}
