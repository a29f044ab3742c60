/**
 * Replaces `node:http` in bundles. An ES module that imports `node:http` reads every member of it, and reading `WebSocket` makes Node load
 * a client that no function uses. This module works like a CommonJS `require`: it reads only the members that are asked for.
 */
const http = process.getBuiltinModule('node:http');

export const { Agent, request } = http;
export default http;
