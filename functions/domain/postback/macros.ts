import { decodeLeniently } from './percent-decoding.ts';

const name = String.raw`[A-Za-z_][\w .:|-]*`;

/** `{click_id}`, `${click_id}`, `{{click_id}}`, `[CLICK_ID]`, `[[click_id]]`, `[%TX%]`, `#click_id#`, `%click_id%`, `%%click_id%%`. */
const macro = new RegExp(String.raw`^(?:\$?\{{1,2}${name}\}{1,2}|\[{1,2}${name}\]{1,2}|\[%${name}%\]|#${name}#|%{1,2}${name}%{1,2})$`);

/** A longer value is no name of a macro. */
const longestMacro = 128;

/** Whether the value is still a macro that the partner's system should have replaced, encoded or not (contract 1.1). */
export function isUnreplacedMacro(value: string): boolean {
  const text = value.trim();
  return text.length <= longestMacro && (macro.test(text) || macro.test(decodeLeniently(text)));
}
