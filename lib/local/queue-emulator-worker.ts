/**
 * Runs fauxqs in a thread of its own and corrects what does not fit us: it listens on every network interface, it syncs the disk for each
 * message, it fails to make a kept message visible, and it cannot move dead letters back.
 */
import { existsSync } from 'node:fs';
import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { MessageMoves } from './message-moves.ts';

const options = z.object({ dataDir: z.string().optional(), region: z.string() }).parse(workerData);

/**
 * Makes the emulator listen on the loopback interface only: it has no option for that, and no other machine may reach a queue without
 * authentication.
 */
function listenOnLoopback(): { server?: Server } {
  const found: { server?: Server } = {};
  const listen = NetServer.prototype.listen;
  NetServer.prototype.listen = function (this: NetServer, ...args: unknown[]) {
    const [first] = args;
    if (this instanceof Server) found.server = this;
    const narrowed =
      typeof first === 'object' && first !== null && 'port' in first ? [{ ...first, host: '127.0.0.1' }, ...args.slice(1)] : args;
    Reflect.apply(listen, this, narrowed);
    return this;
  };
  return found;
}

/**
 * Turns off the disk sync per message, which would cost milliseconds and protect only against a crash of the whole machine: the operating
 * system has what is written, so it survives this process, even if it is killed.
 *
 * It also lets the table accept the NULL that the emulator itself writes when a message becomes visible early (visibility 0).
 */
function adjustDatabase(): void {
  const exec = DatabaseSync.prototype.exec;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    Reflect.apply(exec, this, [sql.replace('approximate_receive_count INTEGER NOT NULL', 'approximate_receive_count INTEGER')]);
    if (sql.includes('journal_mode')) Reflect.apply(exec, this, ['PRAGMA synchronous = OFF']);
  };
}

/** Makes messages that were in flight when the last run ended visible at once: whoever had received them is gone. */
function releaseMessagesInFlight(dataDir: string): void {
  const file = join(dataDir, 'fauxqs.db');
  if (!existsSync(file)) return;
  const database = new DatabaseSync(file);
  database.exec('UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL');
  database.close();
}

/** Answers the two operations that the emulator lacks, and passes on all others. */
function answerMoves(server: Server, moves: MessageMoves): void {
  const [emulator] = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const action = String(request.headers['x-amz-target'] ?? '').replace('AmazonSQS.', '');
    if (!moves.answers(action)) {
      if (emulator) Reflect.apply(emulator, server, [request, response]);
      return;
    }
    moves.answer(action, request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'InternalError', message: String(error) }));
    });
  });
}

const listening = listenOnLoopback();
adjustDatabase();
if (options.dataDir !== undefined) releaseMessagesInFlight(options.dataDir);
const { startFauxqs } = await import('fauxqs');
const emulator = await startFauxqs({
  port: 0,
  logger: false,
  defaultRegion: options.region,
  ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
});
const endpoint = `http://127.0.0.1:${emulator.port}`;
if (listening.server) answerMoves(listening.server, new MessageMoves(endpoint, options.region));

parentPort?.on('message', () => {
  void emulator.stop().finally(() => process.exit(0));
});
parentPort?.postMessage({ endpoint });
