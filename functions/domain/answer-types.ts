/** What a partner's own answer may be (contract 1.9): nothing that a browser would run, which at our address could read an admin's token. */
export const answerTypes = ['text/plain', 'application/json', 'text/xml'] as const;
export type AnswerType = (typeof answerTypes)[number];

/** The allowed type that a content type names, whatever else stands in it; `undefined`: it names none. */
export function answerTypeOf(contentType: string): AnswerType | undefined {
  const named = /^\s*([\w.+/-]+)\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.exec(contentType)?.[1]?.toLowerCase();
  return answerTypes.find((type) => type === named);
}
