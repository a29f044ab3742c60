/** An error answer of the admin API, with its own words: a code to look up and a message to read. */
export class ApiError extends Error {
  override name = 'ApiError';
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export type Query = Readonly<Record<string, string | undefined>>;

/** How often this tab has changed something. What was loaded before the last change may be out of date. */
let changesMade = 0;
export function changes(): number {
  return changesMade;
}

/** The admin API, called with one token. Its answers have passed their own schemas, so the types come from those. */
export interface Api {
  get<Answer>(path: string, query?: Query, signal?: AbortSignal): Promise<Answer>;
  post<Answer>(path: string, body?: object): Promise<Answer>;
  patch<Answer>(path: string, body: object): Promise<Answer>;
  put<Answer>(path: string, body: object): Promise<Answer>;
  remove(path: string): Promise<void>;
  /** Sends a text unchanged, such as a file. */
  postText<Answer>(path: string, text: string, contentType: string): Promise<Answer>;
  /** Gets an answer to a POST as CSV. */
  postForCsv(path: string, body: object): Promise<string>;
  /** Gets a page of a list as CSV, with the cursor of the next one. */
  getCsv(path: string, query?: Query, signal?: AbortSignal): Promise<CsvPage>;
}

export interface CsvPage {
  readonly text: string;
  readonly next: string | null;
}

/** @param onUnauthorized called when the token is no longer valid. */
export function createApi(token: string, onUnauthorized: () => void): Api {
  async function send(method: string, path: string, init: RequestInit): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json', ...init.headers };
    const response = await answerOf(fetch(`/api/admin${path}`, { cache: 'no-store', credentials: 'omit', ...init, method, headers }));
    if (response.status === 401) onUnauthorized();
    if (!response.ok) throw await errorOf(response);
    if (method !== 'GET') changesMade += 1;
    return response;
  }
  async function call<Answer>(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await send(method, path, init);
    const text = await response.text();
    const answer: Answer = text === '' ? undefined : JSON.parse(text);
    return answer;
  }
  const withBody = (body: object | undefined): RequestInit =>
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return {
    get: (path, query = {}, signal) => call('GET', path + queryText(query), signal === undefined ? {} : { signal }),
    post: (path, body) => call('POST', path, withBody(body)),
    patch: (path, body) => call('PATCH', path, withBody(body)),
    put: (path, body) => call('PUT', path, withBody(body)),
    remove: (path) => call('DELETE', path),
    postText: (path, text, contentType) => call('POST', path, { body: text, headers: { 'content-type': contentType } }),
    postForCsv: async (path, body) => (await send('POST', `${path}?format=csv`, withBody(body))).text(),
    async getCsv(path, query = {}, signal) {
      const response = await send('GET', path + queryText({ ...query, format: 'csv' }), signal === undefined ? {} : { signal });
      return { text: await response.text(), next: response.headers.get('x-next-cursor') };
    },
  };
}

/** A path of the API with its ids encoded: `` path`/partners/${id}` ``. */
export function path(parts: TemplateStringsArray, ...ids: readonly string[]): string {
  return parts.reduce((text, part, index) => text + encodeURIComponent(ids[index - 1] ?? '') + part);
}

export function queryText(query: Query): string {
  const entries = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[name, value]],
  );
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`;
}

export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

export function toApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, 'console_failed', error instanceof Error ? error.message : String(error));
}

async function answerOf(request: Promise<Response>): Promise<Response> {
  try {
    return await request;
  } catch (error) {
    if (isAborted(error)) throw error;
    throw new ApiError(0, 'unreachable', 'The system did not answer. Check your connection and try again.');
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { code, message }: { code?: unknown; message?: unknown } = JSON.parse(text);
    return new ApiError(response.status, String(code ?? `http_${response.status}`), String(message ?? response.statusText));
  } catch {
    return new ApiError(response.status, `http_${response.status}`, text.slice(0, 300) || response.statusText);
  }
}
