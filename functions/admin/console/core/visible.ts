/** Characters that are invisible but change how the text around them reads: control characters and direction marks. */
const unseen = /(?![\n\t])[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Text from outside with such characters written as escapes, so that it reads as it is stored. */
export function visible(text: string): string {
  return text.replaceAll(unseen, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`);
}
