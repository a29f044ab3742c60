import type { Cause } from '../../domain/alerting/alert.ts';
import { deliveryDead, endpointFailing, endpointPaused } from '../../domain/alerting/thresholds.ts';
import { type EndpointHealth, healthy, type LastFailure, recordOutcome } from '../../domain/delivery/circuit.ts';
import { cutText, type Delivery } from '../../domain/delivery/delivery.ts';
import { type AttemptResult, classify } from '../../domain/delivery/outcome.ts';
import type { ForwardDependencies } from './ports.ts';

/** The most bytes that are kept of the answer of an endpoint's last failure. */
const mostFailureBytes = 256;

/** Records what an attempt says about its endpoint. Nothing is written for a healthy endpoint that stays healthy. */
export async function noteHealth(dependencies: ForwardDependencies, row: Delivery, endpoint: string, result: AttemptResult): Promise<void> {
  const { endpoints, now } = dependencies;
  const outcome = classify(result);
  if (outcome.kind === 'delivered' && !result.was_slow && isHealthy(await endpoints.health(endpoint))) return;
  await changeHealth(dependencies, row, endpoint, (health) => {
    const next = recordOutcome(health, outcome, now(), { wasSlow: result.was_slow });
    if (outcome.kind !== 'delivered') return { ...next, last_failure: failureOf(row.delivery_id, result, now()) };
    return isHealthy(health) && isHealthy(next) ? undefined : next;
  });
}

/**
 * Changes what is known about an endpoint, and raises the alerts for such a change. A failure here does not make the delivery be sent
 * again.
 */
export async function changeHealth(
  dependencies: ForwardDependencies,
  row: Delivery,
  endpoint: string,
  change: (health: EndpointHealth) => EndpointHealth | undefined,
): Promise<void> {
  let causes: readonly (Cause | undefined)[] = [];
  try {
    const written = await dependencies.endpoints.update(endpoint, (health) => {
      const next = change(health);
      const about = { publisherId: row.publisher_id, postbackId: row.postback_id };
      causes = next === undefined ? [] : [endpointFailing(health, next, about), endpointPaused(health, next, about)];
      return next;
    });
    if (written) await raise(dependencies, row, causes);
  } catch (error) {
    dependencies.warn('endpoint_not_updated', error);
  }
}

/** Raises the alerts for a delivery that was given up. */
export function raiseDead(dependencies: ForwardDependencies, row: Delivery, code: string): Promise<void> {
  const about = { publisherId: row.publisher_id, postbackId: row.postback_id };
  return raise(dependencies, row, [deliveryDead(row.delivery_id, row.attempts.length + 1, code, about)]);
}

/** An alert that does not arrive does not raise another one. */
async function raise({ alerts, warn }: ForwardDependencies, row: Delivery, causes: readonly (Cause | undefined)[]): Promise<void> {
  if (row.alert !== undefined) return;
  try {
    for (const cause of causes) if (cause !== undefined) await alerts.raise(cause);
  } catch (error) {
    warn('alert_not_raised', error);
  }
}

function failureOf(delivery_id: string, { code, http_status, answer }: AttemptResult, at: number): LastFailure {
  return { at, delivery_id, code, http_status, answer: answer === '' ? undefined : cutText(answer, mostFailureBytes) };
}

function isHealthy(health: EndpointHealth): boolean {
  return (
    health.consecutive_failures === healthy.consecutive_failures && health.open_until === undefined && health.failing_since === undefined
  );
}
