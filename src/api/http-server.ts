import { createServer, type RequestListener, type Server } from 'node:http';

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

const statusOf: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
