import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** In bytes and milliseconds: what an honest client never reaches. */
const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  /** Longer than load balancers keep an idle connection, so that they close it first. */
  keepAliveTimeout: 75_000,
};

/** Node's own server, with limits for slow and oversized requests, and nothing said to what is not HTTP but its status. */
export function httpServer(listener: RequestListener): Server {
  const server = createServer(limits, listener);
  server.maxHeadersCount = 100;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const status = statusOf[error.code ?? ''] ?? '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  return server;
}

export interface Closing {
  /**
   * From now on every answer ends its connection, also those that are under way: a client that would send its next
   * request on it cannot meet a server that is gone.
   */
  afterAnswers(): void;
  /** Ends the connections that wait for no answer, also those that never asked anything. */
  idle(): void;
}

export function closingOf(server: Server): Closing {
  // By connection: of one set of all, the engine would keep each table that it outgrew, with what was under way then.
  const connections = new Map<Socket, ServerResponse[]>();
  let closing = false;
  server.on('connection', (socket: Socket) => {
    connections.set(socket, []);
    socket.once('close', () => connections.delete(socket));
  });
  server.prependListener('request', ({ socket }, response: ServerResponse) => {
    if (closing) response.shouldKeepAlive = false;
    const underWay = connections.get(socket);
    underWay?.push(response);
    response.on('close', () => underWay?.splice(underWay.indexOf(response), 1));
  });
  return {
    afterAnswers() {
      closing = true;
      for (const response of [...connections.values()].flat()) response.shouldKeepAlive = false;
    },
    idle() {
      for (const [socket, underWay] of connections) if (underWay.length === 0) socket.destroy();
    },
  };
}

const statusOf: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
