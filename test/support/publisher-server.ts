import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { closeServer, listen } from '../../lib/local/http-server.ts';

/** A request as the publisher received it. */
export interface ReceivedRequest {
  readonly at: number;
  readonly method: string;
  /** Path and query, untouched. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** How the publisher answers; the default is 200 `OK`. It may never answer, or cut the connection. */
export type PublisherAnswer = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

/** A publisher: a real HTTP server on loopback that keeps every request that it receives. */
export class PublisherServer {
  readonly requests: ReceivedRequest[] = [];
  url = '';
  private readonly server: Server;
  private answer: PublisherAnswer = (_, response) => {
    response.end('OK');
  };

  private constructor() {
    this.server = createServer((request, response) => {
      this.receive(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<PublisherServer> {
    const publisher = new PublisherServer();
    publisher.url = `http://127.0.0.1:${await listen(publisher.server, 0)}`;
    return publisher;
  }

  /** Makes it answer like this from now on. */
  answerWith(answer: PublisherAnswer): void {
    this.answer = answer;
  }

  /** Makes it answer with this status from now on. */
  answerStatus(status: number, headers: Record<string, string> = {}): void {
    this.answer = (_, response) => {
      response.writeHead(status, headers).end();
    };
  }

  async stop(): Promise<void> {
    await closeServer(this.server, 0);
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '/';
    const { pathname, searchParams } = new URL(target, 'http://publisher');
    const received = {
      at: Date.now(),
      method: request.method ?? '',
      target,
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body: (await buffer(request)).toString('utf8'),
    };
    this.requests.push(received);
    await this.answer(received, response);
  }
}
