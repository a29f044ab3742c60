import fc from 'fast-check';

const surrogates = { first: 0xd800, count: 0x800 } as const;
const mostLetters = 0x110000 - surrogates.count;

/** Any code point except halves of surrogate pairs. */
const anyLetter = fc.nat(mostLetters - 1).map(
  (number) => String.fromCodePoint(number < surrogates.first ? number : number + surrogates.count),
  (letter) => {
    const point = typeof letter === 'string' ? (letter.codePointAt(0) ?? -1) : -1;
    if (point < 0 || letter !== String.fromCodePoint(point)) throw new Error('not one letter');
    return point < surrogates.first ? point : point - surrogates.count;
  },
);

/**
 * Any text of whole code points. `fc.string({ unit: 'binary' })` gives the same, but it first makes a map of all the million code points in
 * every test file that uses it.
 */
export function anyCodePoints({ maxLength }: { readonly maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ unit: anyLetter, ...(maxLength !== undefined && { maxLength }) });
}
