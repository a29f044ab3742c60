/** Decodes Base64 to readable text; bytes that are not UTF-8 become replacement characters. */
export function textOfBase64(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.codePointAt(0) ?? 0));
}
