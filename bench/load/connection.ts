import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** HTTP/1.1 over one connection, one request at a time: a general client would cost more than what is measured. */
export interface Connection {
  send(request: string): Promise<Reply>;
  close(): void;
}

export function openConnection(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(connectionOver(socket));
    });
  });
}

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

function connectionOver(socket: Socket): Connection {
  let received = Buffer.alloc(0);
  let waiting: Waiting | undefined;
  const fail = (error: Error): void => {
    waiting?.reject(error);
    waiting = undefined;
  };
  socket.on('error', fail);
  socket.on('close', () => {
    fail(new Error('The service closed the connection.'));
  });
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const parsed = replyIn(received);
    if (parsed === undefined) return;
    received = received.subarray(parsed.length);
    const { resolve } = waiting ?? {};
    waiting = undefined;
    resolve?.(parsed.reply);
  });
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** A whole reply at the beginning of the bytes, or nothing yet. */
export function replyIn(bytes: Buffer): { reply: Reply; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const start = headEnd + 4;
  const status = Number(head.slice(9, 12));
  const body = bodyAt(bytes, start, head, status);
  return body && { reply: { status, head, body: body.text }, length: body.end };
}

function bodyAt(bytes: Buffer, start: number, head: string, status: number): { text: string; end: number } | undefined {
  if (status === 204 || status === 304) return { text: '', end: start };
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return chunkedAt(bytes, start);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  if (bytes.length < start + length) return undefined;
  return { text: bytes.toString('utf8', start, start + length), end: start + length };
}

function chunkedAt(bytes: Buffer, start: number): { text: string; end: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (bytes.length < end) return undefined;
    if (size === 0) return { text: Buffer.concat(parts).toString('utf8'), end };
    parts.push(bytes.subarray(lineEnd + 2, end - 2));
    at = end;
  }
}
