import { type AwsCall, isObject, listAt, type Refusal, textAt } from './call.ts';

const longestDelaySeconds = 900;
const groupId = /^[\x21-\x7e]{1,128}$/;

/**
 * Finds messages that SQS refuses but its emulator accepts: those delayed for longer than SQS allows, and those of a group whose name is
 * too long or has forbidden characters. The emulator checks the rest (1 MB for a message or a batch, characters that XML does not allow,
 * ten entries). SQS would refuse one entry of a batch and accept the others; here the whole batch is refused, since none of our batches may
 * hold such an entry.
 *
 * @returns SQS's refusal; `undefined` when it accepts the messages.
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
