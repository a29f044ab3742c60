import type { Parameter } from './parameter.ts';

/**
 * Reads the fields of multipart form data (RFC 7578); a file counts as its text. Bare line feeds are accepted, because systems that
 * build their requests by hand send them.
 *
 * @param damaged whether the text was decoded from bytes that are not all UTF-8, so that replacement characters in it are damage.
 * @returns `undefined` when it is not multipart form data, or was cut off.
 */
export function multipartParameters(contentType: string, text: string, damaged: boolean): readonly Parameter[] | undefined {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return undefined;
  // A delimiter begins its line, and the first one may begin the body. Text before the first delimiter is a preamble, which is ignored.
  const [, ...pieces] = `\n${text}`.split(`\n--${boundary}`);
  const end = pieces.findIndex((piece) => piece.startsWith('--'));
  if (end === -1) return undefined;
  const fields = pieces.slice(0, end).map((piece) => fieldOf(piece, damaged));
  return fields.some((field) => field === undefined) ? undefined : fields.filter((field) => field !== undefined);
}

function boundaryOf(contentType: string): string | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70})(?:[\s;]|$))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

/** @param piece the text between two delimiters: the rest of the line, headers, an empty line, the value and its line break. */
function fieldOf(piece: string, damaged: boolean): Parameter | undefined {
  const start = /^[ \t]*\r?\n/.exec(piece)?.[0].length;
  if (start === undefined) return undefined;
  const blank = /\r?\n\r?\n/.exec(piece.slice(start));
  if (blank === null) return undefined;
  const name = nameOf(piece.slice(start, start + blank.index));
  if (name === undefined) return undefined;
  const value = piece.slice(start + blank.index + blank[0].length).replace(/\r$/, '');
  return { name, value, text: value, source: 'body', broken: damaged && `${name}${value}`.includes('\uFFFD') };
}

function nameOf(headers: string): string | undefined {
  const disposition = headers.split('\n').find((line) => /^content-disposition:\s*form-data\s*;/i.test(line));
  const [, quoted, plain] = /;\s*name=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(disposition ?? '') ?? [];
  // Browsers escape quotes and line breaks as in URLs; other clients use a backslash.
  return quoted === undefined
    ? plain
    : quoted.replace(/%22|%0D|%0A/gi, (escaped) => decodeURIComponent(escaped)).replace(/\\(["\\])/g, '$1');
}
