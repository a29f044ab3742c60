import type * as z from 'zod';

/** Who calls; the gateway's authorizer has checked it (contract section 4). */
export interface Caller {
  readonly role: 'admin' | 'viewer' | BoundRole;
  /** The token's name, for the audit. */
  readonly name: string;
  /** Absent for the deployment's own token and for tokens of its OpenID Connect issuer. */
  readonly token_id?: string | undefined;
  /** The publisher or partner to which a bound token is limited. */
  readonly bound_to?: string | undefined;
}

/** Roles of tokens that are bound to one publisher or one partner. */
export type BoundRole = 'publisher' | 'partner';

/** How a route serves a token that is bound to one publisher or partner. */
export interface BoundAccess {
  /**
   * Where the request names the id, which must be the caller's own: in the path, or as a filter in the query, where it is added if it was
   * not sent. `handler`: the route checks it with {@link isForeign}. `nobody`: what the route is about belongs to nobody.
   */
  readonly own: 'path' | 'query' | 'handler' | 'nobody';
  /** What a bound token may send, when that is less than the route accepts. */
  readonly body?: z.ZodType;
  /** What a bound token may see of the answers, when that is less than the route shows. */
  readonly answers?: Readonly<Record<number, z.ZodType>>;
}

/** Whether something of this publisher or partner is hidden from the caller: for a bound token, only its own things exist. */
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
  /** `scheme://host` that the caller used. */
  readonly origin: string;
}

/** What a route answers. Lists and answers with a table can also be had as CSV. */
export interface AdminResult {
  readonly status: 200 | 201 | 202 | 204;
  readonly body: unknown;
  readonly table?: Table | undefined;
}

/** An answer, or a part of it, as rows for its CSV. */
export interface Table {
  /** Name of the file, without its extension. */
  readonly name: string;
  /** Members of the rows; those of nested objects are `outer.inner`. */
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** One endpoint of the admin API. Its schemas validate requests and answers, give the types and make the OpenAPI document. */
export interface Route<Query extends z.ZodType = z.ZodType, Body extends z.ZodType = z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/admin`, such as `/partners/{partner_id}`. */
  readonly path: string;
  /** The least role that may call it. `viewer`: anyone with an unbound token may. */
  readonly role: 'admin' | 'viewer';
  /** Which bound tokens may also call it, and how; absent: none. */
  readonly bound?: Readonly<Partial<Record<BoundRole, BoundAccess>>>;
  /** A few words in the imperative, such as `Revoke a key`. */
  readonly summary: string;
  /** What else callers must know: effects, limits, what is shown only once. */
  readonly description?: string;
  readonly query?: Query;
  readonly body?: Body;
  /** A body of this content type is passed to the schema as text; any other is read as JSON. */
  readonly textBody?: 'text/csv';
  /**
   * The route keeps no part of its body in which a key could be, or hides keys itself. On all other routes a body that contains a live key
   * is refused.
   */
  readonly hidesKeys?: true;
  /** The answers' schemas by status. Errors all have one form and are not listed. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
  /** The cases in which it refuses with a status that does not follow from its schemas, path and role. */
  readonly refusals?: Readonly<Partial<Record<404 | 409, string>>>;
  /** Name of the list in the answer, if the answer is a list that can be had as CSV. */
  readonly list?: string;
  /** Describes the CSV of an answer that is not a page of a list; such an answer always comes with a table. */
  readonly csvOf?: string;
  handle(request: AdminRequest<z.output<Query>, z.output<Body>>): Promise<AdminResult>;
}

/** An error that a route throws in order to answer with it. */
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

/** Gives a route the types of its schemas; the lists of routes have the general type. */
export function route<Query extends z.ZodType, Body extends z.ZodType>(definition: Route<Query, Body>): Route<Query, Body> {
  return definition;
}
