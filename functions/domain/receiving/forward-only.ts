import type { Parameter as Outbound } from '../delivery/payload.ts';
import type { Parameter } from '../postback/parameter.ts';

/** The parameters as they came and in their order, for a forward-only partner (contract 1.10); a nested value travels as JSON text. */
export function forwardParameters(parameters: readonly Parameter[]): Outbound[] {
  return parameters.map(({ name, text, value }) => [name, text ?? JSON.stringify(value)]);
}
