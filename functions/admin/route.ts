import type * as z from 'zod';

/** Who calls: the gateway's authorizer has checked it (contract section 4). */
export interface Caller {
  readonly role: 'admin' | 'viewer' | BoundRole;
  /** Name of the token, for the audit. */
  readonly name: string;
  /** Absent: the deployment's own, or one of the deployment's OpenID Connect issuer. */
  readonly token_id?: string | undefined;
  /** The one publisher or partner for whom a bound token speaks. */
  readonly bound_to?: string | undefined;
}

/** Roles of tokens that are bound to one publisher or one partner. */
export type BoundRole = 'publisher' | 'partner';

/** How a route serves a token that is bound to one publisher or partner. */
export interface BoundAccess {
  /**
   * Where the id stands that must be its own: in the path, or as a filter of the query, which is filled in where it is not sent.
   * `handler`: the route looks for itself, by {@link isForeign}. `nobody`: it is about nobody's things.
   */
  readonly own: 'path' | 'query' | 'handler' | 'nobody';
  /** What it may send, where that is less than the route takes. */
  readonly body?: z.ZodType;
  /** What it may see of the answers, where that is less than the route shows. */
  readonly answers?: Readonly<Record<number, z.ZodType>>;
}

/** Whether something of this publisher or partner is to be hidden from the caller: to a bound token nothing else exists. */
export function isForeign({ role, bound_to }: Caller, kind: BoundRole, id: string | undefined): boolean {
  return role === kind && bound_to !== id;
}

/** A request whose parts have been read through the route's schemas. */
interface AdminRequest<Query, Body> {
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  /** `scheme://host` that was called. */
  readonly origin: string;
}

/** What a route answers; `list` answers can be had as CSV, and so can what has a table. */
export interface AdminResult {
  readonly status: 200 | 201 | 202 | 204;
  readonly body: unknown;
  readonly table?: Table | undefined;
}

/** An answer, or a part of it, as rows: what its CSV shows. */
export interface Table {
  /** Of the file, without its ending. */
  readonly name: string;
  /** Members of the rows; those of nested objects as `outer.inner`. */
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** One endpoint of the admin API: its schemas validate, type, and make the OpenAPI document. */
export interface Route<Query extends z.ZodType = z.ZodType, Body extends z.ZodType = z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/admin`, such as `/partners/{partner_id}`. */
  readonly path: string;
  /** `viewer`: anyone with a token may call it. */
  readonly role: 'admin' | 'viewer';
  /** Which bound tokens may call it too, and how; absent: none. */
  readonly bound?: Readonly<Partial<Record<BoundRole, BoundAccess>>>;
  /** A few words in the imperative, such as `Revoke a key`. */
  readonly summary: string;
  /** What more its callers must know: effects, limits, what is shown once. */
  readonly description?: string;
  readonly query?: Query;
  readonly body?: Body;
  /** A body of this content type is handed to the schema as text; any other is read as JSON. */
  readonly textBody?: 'text/csv';
  /** It keeps nothing of its body in which a key could stand, or hides it: any other body that holds a live key is refused. */
  readonly hidesKeys?: true;
  /** Schema of the answer by status; errors have one shape and need not be named. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
  /** When it refuses with a status that does not follow from its schemas, path and role: what is then the case. */
  readonly refusals?: Readonly<Partial<Record<404 | 409, string>>>;
  /** Name of the list in the answer, when it is one that can be had as CSV. */
  readonly list?: string;
  /** What of the answer is its CSV, where that is no page of a list: one always comes with a table. */
  readonly csvOf?: string;
  handle(request: AdminRequest<z.output<Query>, z.output<Body>>): Promise<AdminResult>;
}

/** An error a route throws to answer with it. */
export class AdminError extends Error {
  override name = 'AdminError';
  readonly status: 400 | 404 | 409;
  readonly code: string;

  constructor(status: 400 | 404 | 409, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Gives a route its schemas' types; routes are kept in lists of the general type. */
export function route<Query extends z.ZodType, Body extends z.ZodType>(definition: Route<Query, Body>): Route<Query, Body> {
  return definition;
}
