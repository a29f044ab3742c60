/** A request as a document shows it. */
export interface ShownRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** The URL of the system in the documents. */
export const documentedOrigin = 'https://postback.example.com';

/**
 * Reads an `http` block: request line, headers, an empty line, the body. A long URL continues in indented lines that begin with `?` or `&`.
 */
export function readHttpBlock(text: string): ShownRequest {
  const joined = text.replaceAll(/\n[ \t]+(?=[?&])/g, '');
  const [head = '', ...rest] = joined.split('\n\n');
  const [requestLine = '', ...headerLines] = head.split('\n');
  const [, method, target] = /^([A-Z]+) (\S+)(?: HTTP\/1\.1)?$/.exec(requestLine) ?? [];
  if (method === undefined || target === undefined) throw new Error(`no request line: ${requestLine}`);
  const headers = headerLines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    if (colon < 0) throw new Error(`no header: ${line}`);
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  const body = rest.join('\n\n');
  return { method, target: withoutOrigin(target), headers: Object.fromEntries(headers), body: body === '' ? undefined : body };
}

/** Reads a `curl` command with the options that the documents use. @throws Error for any other option, because it would be ignored. */
export function readCurl(text: string): ShownRequest {
  const [command, ...words] = shellWords(text);
  if (command !== 'curl') throw new Error(`not a curl command: ${text}`);
  const headers: Record<string, string> = {};
  const data: string[] = [];
  let method: string | undefined;
  let address: string | undefined;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const value = () => words.shift() ?? '';
    if (word === '-X') method = value();
    else if (word === '-H') {
      const header = value();
      const colon = header.indexOf(':');
      headers[header.slice(0, colon).toLowerCase()] = header.slice(colon + 1).trim();
    } else if (word === '-d' || word === '--data') data.push(value());
    else if (word === '--data-urlencode') data.push(value().replace(/=(.*)$/s, (_, text) => `=${encodeURIComponent(text)}`));
    else if (word === '-i' || word === '-s') continue;
    else if (word.startsWith('-')) throw new Error(`an option of curl that the documents do not use: ${word}`);
    else address = word;
  }
  if (address === undefined) throw new Error(`curl without an address: ${text}`);
  const body = data.length === 0 ? undefined : data.join('&');
  if (body !== undefined) headers['content-type'] ??= 'application/x-www-form-urlencoded';
  return { method: method ?? (body === undefined ? 'GET' : 'POST'), target: withoutOrigin(address), headers, body };
}

/** The words of a command as a shell reads them, with quotes, and with lines that continue after a backslash. */
function shellWords(text: string): string[] {
  const words = text.replaceAll('\\\n', ' ').match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
}

function withoutOrigin(address: string): string {
  if (address.startsWith('/')) return address;
  if (!address.startsWith(`${documentedOrigin}/`)) throw new Error(`an address that is not ours: ${address}`);
  return address.slice(documentedOrigin.length);
}
