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

/** What becomes of what the server says: a byte now and then, the first half and a closed connection, something else. */
export type Distortion = 'drips' | 'breaks off' | 'garbles';

export interface BreakableServer {
  /** The same server through a wire that can break. */
  readonly url: string;
  /** Drops every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Connections stay, bytes do not pass in either direction. */
  hang(): void;
  /** From the moment that this text is on its way to the server, which gets it, no byte comes back on that connection. */
  deafAfter(text: string): void;
  /** From now on, on the connections that there are too. */
  distort(how: Distortion): void;
  heal(): Promise<void>;
  close(): Promise<void>;
}

interface Wire {
  readonly near: Socket;
  readonly far: Socket;
}

const dripMs = 100;

const distortions: Readonly<Record<Distortion, (wire: Wire) => void>> = {
  drips({ near, far }) {
    let left = Buffer.alloc(0);
    far.on('data', (bytes: Buffer) => (left = Buffer.concat([left, bytes])));
    const drip = setInterval(() => {
      near.write(left.subarray(0, 1));
      left = left.subarray(1);
    }, dripMs);
    near.once('close', () => {
      clearInterval(drip);
    });
  },
  'breaks off'({ near, far }) {
    far.once('data', (bytes: Buffer) => near.end(bytes.subarray(0, bytes.length / 2)));
  },
  garbles({ near, far }) {
    far.on('data', () => near.write('220 mail.example.com ESMTP\r\n'));
  },
};

export async function breakable(url: string): Promise<BreakableServer> {
  const target = new URL(url);
  const wires = new Set<Wire>();
  let hanging = false;
  let deafening: string | undefined;
  let distortion: Distortion | undefined;
  const server = createServer((near) => {
    const wire = { near, far: connect(Number(target.port), target.hostname) };
    const { far } = wire;
    wires.add(wire);
    const end = (): void => {
      near.destroy();
      far.destroy();
      wires.delete(wire);
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    near.pipe(far).pipe(near);
    near.on('data', (bytes: Buffer) => {
      if (deafening !== undefined && bytes.includes(deafening)) far.unpipe(near);
    });
    if (distortion !== undefined) distorted(wire, distortion);
    if (hanging) stop();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(port);

  function stop(): void {
    for (const { near, far } of wires) for (const socket of [near, far]) socket.unpipe();
  }

  function distorted(wire: Wire, how: Distortion): void {
    wire.far.unpipe(wire.near);
    distortions[how](wire);
  }

  async function cut(): Promise<void> {
    drop();
    const closed = once(server, 'close');
    server.close();
    await closed;
  }

  function drop(): void {
    for (const { near, far } of wires) for (const socket of [near, far]) socket.destroy();
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
    distort(how) {
      distortion = how;
      for (const wire of wires) distorted(wire, how);
    },
    async heal() {
      hanging = false;
      deafening = undefined;
      distortion = undefined;
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
