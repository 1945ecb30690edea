import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { EmbeddedStartError, hasCode } from './embedded-start-error.ts';

export interface WantedPort {
  /** 0 asks for any free port. */
  port: number;
  what: string;
  variable: string;
}

const pollMs = 50;
// Below Linux's range for outgoing connections (32768 up), so that no client takes the port between the check and the use.
const [lowest, beyond] = [20_000, 32_768];

/**
 * The ports to use, all free on 127.0.0.1 at the same moment.
 * Throws an {@link EmbeddedStartError} for a port still in use after `patienceMs`.
 */
export async function freePorts<Name extends string>(
  wanted: Readonly<Partial<Record<Name, WantedPort>>>,
  patienceMs: number,
): Promise<Partial<Record<Name, number>>> {
  const held: Server[] = [];
  try {
    const found: Partial<Record<Name, number>> = {};
    for (const [name, want] of Object.entries<WantedPort | undefined>(wanted)) {
      if (want === undefined) continue;
      const server = want.port === 0 ? await holdAny() : await holdWithin(want, patienceMs);
      held.push(server);
      found[name as Name] = portOf(server);
    }
    return found;
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

async function holdWithin(wanted: WantedPort, patienceMs: number): Promise<Server> {
  for (let waited = 0; ; waited += pollMs) {
    try {
      return await hold(wanted.port);
    } catch (error) {
      if (hasCode(error, 'EACCES')) throw portRefused(wanted, 'may not be opened by this user');
      if (!hasCode(error, 'EADDRINUSE')) throw error;
      if (waited >= patienceMs) throw portRefused(wanted, 'is in use');
      await pause(pollMs);
    }
  }
}

const portRefused = ({ port, what, variable }: WantedPort, why: string): EmbeddedStartError =>
  new EmbeddedStartError(
    `Port ${port}, wanted for ${what}, ${why}. Stop the program that uses it, or set ${variable} to a port that is free.`,
  );

async function holdAny(): Promise<Server> {
  for (;;) {
    try {
      return await hold(randomInt(lowest, beyond));
    } catch (error) {
      if (!hasCode(error, 'EADDRINUSE')) throw error;
    }
  }
}

async function hold(port: number): Promise<Server> {
  const server = createServer();
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  return server;
}

/** Of a server that listens on TCP. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return address.port;
}
