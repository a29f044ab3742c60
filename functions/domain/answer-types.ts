/**
 * Content types that a partner's own answer may have (contract 1.9). A browser runs nothing in any of them: on our host it could read an
 * admin's token.
 */
export const answerTypes = ['text/plain', 'application/json', 'text/xml'] as const;
export type AnswerType = (typeof answerTypes)[number];

/** The allowed content type that a text names, whatever its parameters are; `undefined` when it names none. */
export function answerTypeOf(contentType: string): AnswerType | undefined {
  const named = /^\s*([\w.+/-]+)\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.exec(contentType)?.[1]?.toLowerCase();
  return answerTypes.find((type) => type === named);
}
