/** An error about a file of the data directory that cannot be used; it says what to do about it. */
export function unusable(file: string, reason: string): Error {
  return new Error(`${file} cannot be used: ${reason}. Move it away to start without what it holds, or choose another DATA_DIR.`);
}
