import {
  FilterPolicyLimitExceededException,
  InvalidParameterException,
  PublishCommand,
  SNSClient,
  SNSServiceException,
  SubscribeCommand,
  SubscriptionLimitExceededException,
} from '@aws-sdk/client-sns';
import { type AttemptResult, answerCode } from '../../domain/delivery/outcome.ts';
import { failureCodeOf } from '../http/attempt-error.ts';

// One topic for all alerts by email. SNS sends nothing to an address that has not confirmed its subscription, and knows one
// subscription of an address to a topic: so each address has one, with a filter that lets through only what is addressed to it,
// however many alerts name it. An address that no alert names any more gets nothing; its own link in each email ends the subscription.

/** Attribute of a message that names whom it is for. */
const addressee = 'email';

/** `pending`: SNS has sent it a link, and nothing else until that is followed. `full`: the topic takes no further address; `refused`: it does not take this one. */
export type Subscription = 'confirmed' | 'pending' | 'full' | 'refused';

export function createMailClient(): SNSClient {
  return new SNSClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
}

/** Subscribes an address; one that is subscribed and has not confirmed yet is sent its link again. */
export function createMailSubscriber(client: SNSClient, topic: string): (email: string) => Promise<Subscription> {
  return async (email) => {
    try {
      const { SubscriptionArn = '' } = await client.send(
        new SubscribeCommand({
          TopicArn: topic,
          Protocol: 'email',
          Endpoint: email,
          Attributes: { FilterPolicy: JSON.stringify({ [addressee]: [email] }) },
        }),
      );
      return SubscriptionArn.startsWith('arn:') ? 'confirmed' : 'pending';
    } catch (error) {
      if (error instanceof FilterPolicyLimitExceededException || error instanceof SubscriptionLimitExceededException) return 'full';
      if (error instanceof InvalidParameterException) return 'refused';
      throw error;
    }
  };
}

export interface Email {
  readonly to: string;
  /** ASCII, at most 100 characters. */
  readonly subject: string;
  readonly text: string;
}

/** Hands an email to SNS. Every failure is a result, as of an attempt by HTTP; a success says that SNS has taken it. */
export function createMailer(client: SNSClient, topic: string, now: () => number): (email: Email) => Promise<AttemptResult> {
  return async ({ to, subject, text }) => {
    const started = now();
    const result = (made: Pick<AttemptResult, 'code' | 'answer'> & { http_status?: number }): AttemptResult => ({
      ...made,
      duration_ms: now() - started,
      was_slow: false,
      sent: { method: 'SNS', url: `mailto:${to}`, headers: { subject }, body: text },
    });
    try {
      const { MessageId = '' } = await client.send(
        new PublishCommand({
          TopicArn: topic,
          Subject: subject,
          Message: text,
          MessageAttributes: { [addressee]: { DataType: 'String', StringValue: to } },
        }),
      );
      return result({ code: 'http_200', http_status: 200, answer: MessageId });
    } catch (error) {
      const status = error instanceof SNSServiceException ? error.$metadata.httpStatusCode : undefined;
      if (status === undefined) return result({ code: failureCodeOf(error), answer: '' });
      return result({ code: answerCode(status), http_status: status, answer: String(error) });
    }
  };
}
