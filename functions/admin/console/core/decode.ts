/** Base64 bytes as text to read; bytes that are no UTF-8 show as replacement characters. */
export function textOfBase64(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.codePointAt(0) ?? 0));
}
