import type { Addressee } from '../../adapters/http/sender.ts';
import type { Email } from '../../adapters/sns/alert-mail.ts';
import type { Alerts } from '../../domain/alerting/alert.ts';
import type { DeliveryCrypto } from '../../domain/delivery/crypto.ts';
import type { AttemptResult } from '../../domain/delivery/outcome.ts';
import type { OutboundRequest } from '../../domain/delivery/request.ts';
import type { Endpoints, Outbox, RetryHints } from '../../domain/forwarding/ports.ts';
import type { SettingsReader } from '../../domain/receiving/ports.ts';
import type { LogEvent } from '../../runtime/logger.ts';
import type { Limiter } from '../limiter.ts';

export interface ForwardDependencies {
  readonly settings: SettingsReader;
  readonly outbox: Outbox;
  readonly endpoints: Endpoints;
  readonly hints: RetryHints;
  readonly limiter: Limiter;
  readonly alerts: Pick<Alerts, 'find' | 'raise'>;
  /** How old the settings and alerts may be, in milliseconds. */
  readonly oldestSettings: number;
  /** The settings and alerts as they are stored now. */
  readonly stored: Pick<ForwardDependencies, 'settings' | 'alerts'>;
  readonly crypto: DeliveryCrypto;
  /** Opens a sealed secret. It opens only for the owner for whom it was sealed. */
  readonly openSecret: (sealed: string, owner: string) => Promise<string>;
  /** Signs and sends one attempt. It never throws: every failure is a result. */
  readonly send: (addressee: Addressee, deliveryId: string, request: OutboundRequest, onSlow: () => void) => Promise<AttemptResult>;
  /** Hands over an email. It never throws: every failure is a result. */
  readonly sendEmail: (email: Email) => Promise<AttemptResult>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly warn: (event: LogEvent, error: unknown) => void;
}
