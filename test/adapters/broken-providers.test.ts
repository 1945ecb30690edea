import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { httpGeoip } from '../../src/adapters/http-geoip.ts';
import { postmarkMailer } from '../../src/adapters/postmark-mailer.ts';
import { virtuozzoPlatform } from '../../src/adapters/virtuozzo-platform.ts';

const answer = (body: string, length = Buffer.byteLength(body)): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${String(length)}\r\n\r\n${body}`;

const endless = 100_000;

/** What a server does with a connection once somebody has asked something. */
const manners: Readonly<Record<string, (socket: Socket) => void>> = {
  'takes the connection and says nothing': () => undefined,
  'hangs up without an answer': (socket) => socket.destroy(),
  'breaks off in the middle of an answer': (socket) => socket.write(answer('{"res', 500), () => socket.destroy()),
  'stops in the middle of an answer': (socket) => socket.write(answer('{"result":', 500)),
  'lets its answer drip for ever': (socket) => {
    socket.write(answer(' ', endless));
    const drip = setInterval(() => socket.write(' '), 50);
    socket.once('close', () => {
      clearInterval(drip);
    });
  },
  'never stops to answer': (socket) => {
    socket.write(answer(' ', 1e12));
    const pour = (): void => {
      while (!socket.destroyed && socket.write(' '.repeat(65_536)));
    };
    socket.on('drain', pour);
    pour();
  },
  'answers with something else': (socket) => socket.end(answer('<html>It works!</html>')),
  'speaks another protocol': (socket) => socket.end('220 mail.example.com ESMTP\r\n'),
};

const mail = {
  to: 'ann@example.com',
  subject: 'Your code',
  text: 'It is 123456',
  html: '<p>It is 123456</p>',
  tag: 'device-code',
  messageId: '0192a000-0000-8000-8000-000000000009',
};

/** What each adapter promises, in milliseconds, and what it is when it is asked through this address. */
const providers = {
  'geo-ip': { withinMs: 1000, ask: (apiUrl: string) => httpGeoip({ apiUrl }).locate('203.0.113.7') },
  mail: {
    withinMs: 1000,
    ask: (apiUrl: string) =>
      postmarkMailer({ serverToken: 'token', apiUrl, from: 'panel@example.com', timeoutSeconds: 1 }).send(mail),
  },
  virtuozzo: {
    withinMs: 5000,
    ask: (apiUrl: string) => virtuozzoPlatform({ apiUrl, sessionEndedCodes: new Set() }).signInByToken('token'),
  },
} as const;

/** A limit must not depend on what Node keeps in memory: while the providers are waited for it collects all the time. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
let collecting: NodeJS.Timeout;

const sockets = new Set<Socket>();
const servers: Server[] = [];
const urls = new Map<string, string>();

beforeAll(async () => {
  collecting = setInterval(collect, 250);
  for (const [name, behave] of Object.entries(manners)) {
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.once('data', () => {
        behave(socket);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    urls.set(name, `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  }
});
afterAll(() => {
  clearInterval(collecting);
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

describe.each(Object.entries(providers))('a provider of %s that', (what, { withinMs, ask }) => {
  it.concurrent.each(Object.keys(manners))('%s is unavailable, in time', async (manner) => {
    const before = performance.now();
    await expect(ask(urls.get(manner) ?? '')).rejects.toMatchObject({ name: 'Unavailable', what });
    // A second for a busy machine.
    expect(performance.now() - before).toBeLessThan(withinMs + 1000);
  });
});
