import { once } from 'node:events';
import { type AgentOptions, type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect as connectTcp, isIP, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { AttemptError, nodeCodeOf } from './attempt-error.ts';
import type { Resolve } from './resolve.ts';

export interface Guard {
  /** Whether a connection to this IP address is allowed. */
  readonly permits: (address: string) => boolean;
  readonly resolve: Resolve;
  /** Time for resolution, connection and handshake together, in milliseconds. */
  readonly timeoutMs: number;
}

type Handover = (error: Error | null, socket: Duplex) => void;

/**
 * Connections are kept for the next delivery to the same host. Four seconds of idle time is less than the five after which common servers
 * close them. Only a few are kept, because one function talks to many publishers.
 *
 * Proxies from the environment are not used, since Node gives those to its global agents only.
 */
const pooling: AgentOptions = { keepAlive: true, timeout: 4000, maxFreeSockets: 8, scheduling: 'lifo' };

/** Agents that never hand out a socket, fresh or kept, whose IP address the guard has not checked. */
export function createGuardedAgents(guard: Guard): { readonly http: HttpAgent; readonly https: HttpsAgent } {
  return { http: new GuardedHttpAgent(guard), https: new GuardedHttpsAgent(guard) };
}

class GuardedHttpAgent extends HttpAgent {
  readonly #guard: Guard;

  constructor(guard: Guard) {
    super(pooling);
    this.#guard = guard;
  }

  override createConnection(options: ClientRequestArgs, handover: Handover): undefined {
    dial(options, this.#guard, false, handover);
  }
}

class GuardedHttpsAgent extends HttpsAgent {
  readonly #guard: Guard;

  constructor(guard: Guard) {
    super(pooling);
    this.#guard = guard;
  }

  override createConnection(options: ClientRequestArgs, handover: Handover): undefined {
    dial(options, this.#guard, true, handover);
  }
}

function dial({ hostname, port }: ClientRequestArgs, guard: Guard, secure: boolean, handover: Handover): void {
  openConnection({ hostname: hostname ?? '', port: Number(port), secure }, guard).then(
    (socket) => handover(null, socket),
    (error) => handover(error, new Socket()),
  );
}

/**
 * Looks the name up once, drops the IP addresses that are not allowed and dials the others. Then it checks the IP address that was really
 * dialled, before a single byte is written, including those of a TLS handshake.
 *
 * Between the check and the connection there is no second look-up, so a name that changes its IP address gains nothing.
 */
async function openConnection(
  { hostname, port, secure }: { readonly hostname: string; readonly port: number; readonly secure: boolean },
  guard: Guard,
): Promise<Socket> {
  const signal = AbortSignal.timeout(guard.timeoutMs);
  const addresses = await permittedAddresses(hostname, guard);
  signal.throwIfAborted();
  const socket = connectTcp({
    host: hostname,
    port,
    noDelay: true,
    autoSelectFamily: true,
    lookup: (_hostname, _options, answer) => answer(null, addresses),
  });
  // An error between two listeners must not end the process; whoever waits for the socket is notified by its own listener.
  socket.on('error', () => {});
  try {
    await once(socket, 'connect', { signal });
    if (socket.remoteAddress === undefined || !guard.permits(socket.remoteAddress)) throw new AttemptError('address_refused');
    return secure ? await secured(socket, hostname, signal) : socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function permittedAddresses(hostname: string, { permits, resolve }: Guard): Promise<{ address: string; family: number }[]> {
  // Node asks no resolver about an IP literal, so the literal has to be checked as well.
  const addresses =
    isIP(hostname) > 0 ? [hostname] : await resolve(hostname).catch((cause) => Promise.reject(new AttemptError('dns', cause)));
  if (addresses.length === 0) throw new AttemptError('dns');
  const permitted = addresses.filter((address) => isIP(address) > 0 && permits(address));
  if (permitted.length === 0) throw new AttemptError('address_refused');
  return permitted.map((address) => ({ address, family: isIP(address) }));
}

async function secured(socket: Socket, hostname: string, signal: AbortSignal): Promise<Socket> {
  const secure = connectTls({
    socket,
    host: hostname,
    // SNI allows only names, so an IP literal is not sent; it is still checked against the certificate.
    servername: isIP(hostname) > 0 ? '' : hostname,
    ALPNProtocols: ['http/1.1'],
    // Set explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off.
    rejectUnauthorized: true,
  });
  secure.on('error', () => {});
  try {
    await once(secure, 'secureConnect', { signal });
    return secure;
  } catch (error) {
    secure.destroy();
    throw ['ECONNRESET', 'EPIPE', 'ABORT_ERR'].includes(nodeCodeOf(error)) ? error : new AttemptError('tls', error);
  }
}
