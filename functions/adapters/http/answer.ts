/** The most bytes of an answer's body that are read (contract section 3). */
const mostBytesRead = 64 * 1024;
/** The most bytes of it that are kept. */
const mostBytesKept = 2 * 1024;

/**
 * Reads the body of an answer to its end, or until 64 KB have arrived: then the stream is destroyed, and with it the connection.
 *
 * @returns what was read as text, and its beginning as clean text, at most 2 KB of UTF-8.
 * @throws whatever ends the stream before its end.
 */
export async function readAnswer(body: AsyncIterable<Uint8Array>): Promise<{ readonly whole: string; readonly kept: string }> {
  const chunks: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of body) {
    chunks.push(chunk.subarray(0, mostBytesRead - read));
    read += chunk.length;
    if (read >= mostBytesRead) break;
  }
  const bytes = Buffer.concat(chunks);
  return { whole: bytes.toString(), kept: cleanText(bytes.subarray(0, mostBytesKept)) };
}

/**
 * Text that is safe to store and show: broken UTF-8 is replaced, and there are no control characters except line ends and tabs; at most 2
 * KB.
 */
function cleanText(bytes: Uint8Array): string {
  // Decoded as a stream, so that a character cut at the limit is left out instead of replaced.
  const text = new TextDecoder().decode(bytes, { stream: true }).replace(/[^\P{Cc}\n\t]/gu, ' ');
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(mostBytesKept));
  return text.slice(0, read);
}
