import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A range of each worker of a test run, below what the system gives to clients: nobody else takes such a port between the
 * question and the start of the server that it is for.
 */
const [lowest, each, workers] = [11_000, 1000, 20];
const first = lowest + (Number(process.env['VITEST_POOL_ID'] ?? 0) % workers) * each;
let next = Math.floor(Math.random() * each);

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < each; tries += 1) {
    next = (next + 1) % each;
    if (await isFree(first + next)) return first + next;
  }
  throw new Error(`No port is free from ${String(first)} on.`);
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    await Promise.race([
      once(probe.listen(port, '127.0.0.1'), 'listening'),
      once(probe, 'error').then(([error]) => Promise.reject(error as Error)),
    ]);
  } catch {
    return false;
  }
  probe.close();
  await once(probe, 'close');
  return true;
}

/** One for each name. */
export async function portsFor<Name extends string>(names: readonly Name[]): Promise<Record<Name, number>> {
  const ports: [Name, number][] = [];
  for (const name of names) ports.push([name, await freePort()]);
  return Object.fromEntries(ports) as Record<Name, number>;
}
