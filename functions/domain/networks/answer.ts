import { answerTypeOf } from '../answer-types.ts';
import type { Parameter } from '../postback/parameter.ts';
import { sentUnder } from '../postback/parameter-path.ts';
import type { AnswerBodies } from '../settings.ts';
import type { PostbackResult } from '../status.ts';
import type { Network } from './network.ts';

/** What an answer may contain of the postback. */
export interface Answered {
  readonly result: PostbackResult;
  readonly parameters: readonly Parameter[];
  readonly transactionId: string | undefined;
}

/**
 * The body that the partner or its network expects (contract 1.7, 1.8).
 *
 * @returns `undefined` for our own JSON.
 */
export function answerBody(
  network: Network | undefined,
  own: AnswerBodies | undefined,
  answered: Answered,
): { readonly text: string; readonly contentType: string } | undefined {
  const wanted = templateOf(network, own, answered.result);
  if (wanted === undefined || wanted === null) return undefined;
  const contentType = `${answerTypeOf(own?.content_type ?? network?.answer?.content_type ?? '') ?? 'text/plain'}; charset=utf-8`;
  const text = wanted.replace(/\{([\w.:-]+)\}/g, (macro, name: string) => {
    const value = name === 'transaction_id' ? answered.transactionId : undefined;
    const sent = value ?? sentUnder(answered.parameters, name)[0]?.text;
    return sent === undefined ? (name === 'transaction_id' ? '' : macro) : written(sent, contentType);
  });
  return { text, contentType };
}

function templateOf({ answer }: Partial<Network> = {}, own: AnswerBodies | undefined, result: PostbackResult): string | null | undefined {
  if (result === 'error') return answer?.error;
  const usual = own?.success ?? answer?.accepted;
  if (result === 'duplicate') return own?.duplicate ?? answer?.duplicate ?? usual;
  if (result === 'held') return own?.success ?? answer?.held ?? usual;
  return usual;
}

/** Escapes what was sent, so that it stays a value in the answer. */
function written(value: string, contentType: string): string {
  if (/json/i.test(contentType)) return JSON.stringify(value).slice(1, -1);
  return /xml|html/i.test(contentType) ? value.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`) : value;
}
