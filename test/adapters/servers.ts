import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { inject } from 'vitest';

export { freshDatabase } from '../support/database.ts';

export function redisUrl(): string {
  return inject('redisUrl');
}

export function eventStoreUrl(): string {
  return inject('eventStoreUrl');
}

/** Servers are shared: names of one test begin with this. */
export function freshPrefix(): string {
  return `test_${randomUUID().replaceAll('-', '')}_`;
}

export interface BreakableServer {
  /** The same server through a wire that can break. */
  readonly url: string;
  /** Drops every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Connections stay, bytes do not pass in either direction. */
  hang(): void;
  /** From the moment that this text is on its way to the server, which gets it, no byte comes back on that connection. */
  deafAfter(text: string): void;
  heal(): Promise<void>;
  close(): Promise<void>;
}

export async function breakable(url: string): Promise<BreakableServer> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let hanging = false;
  let deafening: string | undefined;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      const end = (): void => {
        near.destroy();
        far.destroy();
        sockets.delete(socket);
      };
      socket.on('error', end).on('close', end);
    }
    near.pipe(far).pipe(near);
    near.on('data', (bytes: Buffer) => {
      if (deafening !== undefined && bytes.includes(deafening)) far.unpipe(near);
    });
    if (hanging) stop();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(port);

  function stop(): void {
    for (const socket of sockets) socket.unpipe();
  }

  async function cut(): Promise<void> {
    drop();
    const closed = once(server, 'close');
    server.close();
    await closed;
  }

  function drop(): void {
    for (const socket of sockets) socket.destroy();
  }

  return {
    url: through.href,
    cut,
    hang() {
      hanging = true;
      stop();
    },
    deafAfter(text) {
      deafening = text;
    },
    async heal() {
      hanging = false;
      deafening = undefined;
      drop();
      if (server.listening) return;
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async close() {
      drop();
      if (server.listening) await cut();
    },
  };
}
