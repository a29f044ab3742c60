import type { Server } from 'node:http';

const refusals: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'another program listens on it'],
  ['EACCES', 'this user may not listen on it'],
]);

/**
 * Listens on the loopback address only.
 *
 * @param port 0 for any free one.
 * @returns the port.
 */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const why = 'code' in error && typeof error.code === 'string' ? refusals.get(error.code) : undefined;
      reject(
        why === undefined
          ? error
          : new Error(`PORT=${port} cannot be used: ${why}. Choose another, or 0 for any free port.`, { cause: error }),
      );
    });
    server.listen(port, '127.0.0.1', () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening');
  return address.port;
}

/** Stops listening, lets answers under way finish for a moment, then closes every connection. */
export async function closeServer(server: Server, graceMilliseconds = 500): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
  await closed;
  clearTimeout(force);
}
