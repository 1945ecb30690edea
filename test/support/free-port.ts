import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below what the system gives to clients, and below what the product takes for embedded servers. */
const [lowest, beyond, each] = [11_000, 20_000, 100];

let range: Promise<number> | undefined;
let next = 0;

/** Nobody else takes it between the question and the start of the server that it is for: each process has a range of its own. */
export async function freePort(): Promise<number> {
  range ??= ownRange();
  const first = await range;
  for (let tries = 1; tries < each; tries += 1) {
    next = (next % (each - 1)) + 1;
    const probe = await listening(first + next);
    if (probe === undefined) continue;
    probe.close();
    await once(probe, 'close');
    return first + next;
  }
  throw new Error(`No port is free from ${String(first)} on.`);
}

/** Whoever listens on the first port of a range has the others, for as long as the process lives. */
async function ownRange(): Promise<number> {
  for (let first = lowest; first < beyond; first += each) {
    const guard = await listening(first);
    if (guard === undefined) continue;
    guard.unref();
    return first;
  }
  throw new Error('All ranges of ports are taken.');
}

async function listening(port: number): Promise<Server | undefined> {
  const server = createServer().listen({ port, host: '127.0.0.1', exclusive: true });
  return once(server, 'listening').then(
    () => server,
    () => undefined,
  );
}

/** One for each name. */
export async function portsFor<Name extends string>(names: readonly Name[]): Promise<Record<Name, number>> {
  const ports: [Name, number][] = [];
  for (const name of names) ports.push([name, await freePort()]);
  return Object.fromEntries(ports) as Record<Name, number>;
}
