/**
 * Stands in for `node:http` in bundles. An ES module that imports `node:http` reads every member of it, and reading `WebSocket` makes
 * Node load a client that no function uses; a CommonJS `require`, which this amounts to, reads only what it is asked for.
 */
const http = process.getBuiltinModule('node:http');

export const { Agent, request } = http;
export default http;
