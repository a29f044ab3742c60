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

// There is one topic for all alerts by email. SNS sends nothing to an email address that has not confirmed its subscription, and allows one
// subscription per email address and topic. So each email address has one, with a filter that passes only what is addressed to it, however
// many alerts name it. An email address that no alert names any more gets nothing; the link in each email ends the subscription.

/** The message attribute that names the receiver. */
const addressee = 'email';

/**
 * `pending`: SNS has sent a link, and sends nothing else until somebody follows it. `full`: the topic accepts no further email addresses;
 * `refused`: it does not accept this one.
 */
export type Subscription = 'confirmed' | 'pending' | 'full' | 'refused';

/** Returns the same client each time. It is made for the first email, because most instances never send one. */
export function createMailClient(): () => SNSClient {
  let client: SNSClient | undefined;
  return () => {
    client ??= new SNSClient({
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
    });
    return client;
  };
}

/** Subscribes an email address. One that is subscribed but has not confirmed yet is sent its link again. */
export function createMailSubscriber(client: () => SNSClient, topic: string): (email: string) => Promise<Subscription> {
  return async (email) => {
    try {
      const { SubscriptionArn = '' } = await client().send(
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

/** Passes an email to SNS. Every failure is a result, as for an attempt by HTTP; a success means that SNS has accepted the email. */
export function createMailer(client: () => SNSClient, topic: string, now: () => number): (email: Email) => Promise<AttemptResult> {
  return async ({ to, subject, text }) => {
    const started = now();
    const result = (made: Pick<AttemptResult, 'code' | 'answer'> & { http_status?: number }): AttemptResult => ({
      ...made,
      duration_ms: now() - started,
      was_slow: false,
      sent: { method: 'SNS', url: `mailto:${to}`, headers: { subject }, body: text },
    });
    try {
      const { MessageId = '' } = await client().send(
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
