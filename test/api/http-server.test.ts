import { EventEmitter, once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Server } from 'node:http';
import { httpServer } from '../../src/api/http-server.ts';
import { fakeService } from './fake-service.ts';

let server: Server;
const asked = new EventEmitter();
const { app, observed, logged } = fakeService({
  useCases: {
    resendVerification: async () => {
      asked.emit('now');
      await once(asked, 'hung up');
      return { position: 1n };
    },
  },
});

beforeEach(async () => {
  server = httpServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

/** Everything the server says before it hangs up. */
async function say(bytes: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

describe('the server', () => {
  it('serves the api', async () => {
    const answer = await say('GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain('{"status":"alive"}');
  });

  it.each([
    ['what is not HTTP', 'hello\r\n\r\n', '400 Bad Request'],
    [
      'headers over 16 kB',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17 * 1024)}\r\n\r\n`,
      '431 Request Header Fields Too Large',
    ],
    [
      'two lengths',
      'POST /v1/logins HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      '400 Bad Request',
    ],
    [
      'a length and chunks',
      'POST /v1/logins HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      '400 Bad Request',
    ],
    ['a header with a NUL byte', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n', '400 Bad Request'],
  ])('answers %s with its status alone, and hangs up', async (_what, bytes, status) => {
    expect(await say(bytes)).toBe(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });

  it('counts a client that hangs up as gone, not as served', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const running = once(asked, 'now');
    const closed = new Promise((resolve) => server.once('connection', (peer) => peer.once('close', resolve)));
    const body = '{"email":"ada@example.com"}';
    socket.write(
      `POST /v1/registrations/resend HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await running;
    socket.destroy();
    await closed;
    asked.emit('hung up');
    expect(observed.at(-1)).toMatchObject({ route: '/v1/registrations/resend', status: 499 });
    expect(logged.at(-1)).toMatchObject({ path: '/v1/registrations/resend', aborted: true });
  });
});
