/** Somebody else has dealt with the postback since it was read, so nothing was written. */
export class Overtaken extends Error {
  override name = 'Overtaken';
}
