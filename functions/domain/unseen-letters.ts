/**
 * Letters that nobody sees, or that change the direction of the text around them, for a character class of a regular expression (`u`). No
 * name that people are shown contains one, since two names could then look the same.
 */
export const unseenLetters = String.raw`\p{Cc}\p{Bidi_C}\u2028\u2029\u00ad\u200b\u2060-\u2064\u3164\ufeff\u{e0000}-\u{e007f}`;
