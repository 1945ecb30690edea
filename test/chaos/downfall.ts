import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../e2e/journey.ts';
import type { OwnServers, ServerName } from '../e2e/servers.ts';
import type { ProcessName, Stack } from '../e2e/stack.ts';
import type { MailProcess } from './mail-process.ts';
import { residentMiB, signalAll, treeOf } from './process-tree.ts';
import { targets, type Blow, type Struck, type Target } from './schedule.ts';

export interface Installation {
  readonly stack: Stack;
  readonly servers: OwnServers;
  readonly mail: MailProcess;
}

const processNames: ReadonlySet<string> = new Set<ProcessName>(['api', 'second-api', 'worker', 'projector']);
const isProcess = (target: Target): target is ProcessName => processNames.has(target);

/** Strikes in the order of the lane until `endsAt` (by `performance.now()`), and leaves everything running. */
export async function strike(about: Installation, lane: readonly Blow[], endsAt: number): Promise<Struck[]> {
  const struck: Struck[] = [];
  for (const blow of lane) {
    if (performance.now() + blow.afterMs + blow.forMs > endsAt) break;
    await pause(blow.afterMs);
    const from = performance.now();
    await blows[blow.how](about, blow);
    struck.push({ ...blow, from, to: performance.now() });
  }
  return struck;
}

const blows = {
  async kill(about: Installation, { target, forMs }: Blow): Promise<void> {
    await kill(about, target);
    await pause(forMs);
    // Whoever watches over processes starts again what could not start, for what it needs was away.
    await eventually(async () => {
      await kill(about, target);
      await start(about, target);
    }, 60_000);
  },

  async stop(about: Installation, { target, forMs }: Blow): Promise<void> {
    await stopped(about, target, forMs);
  },

  async slow(about: Installation, { target, forMs }: Blow): Promise<void> {
    const until = performance.now() + forMs;
    while (performance.now() < until) {
      await stopped(about, target, 60);
      await pause(30);
    }
  },
};

async function stopped(about: Installation, target: Target, ms: number): Promise<void> {
  const pid = pidOf(about, target);
  if (pid === undefined) return;
  const pids = await treeOf(pid);
  signalAll(pids, 'SIGSTOP');
  await pause(ms);
  signalAll(pids.toReversed(), 'SIGCONT');
}

async function kill({ stack, servers, mail }: Installation, target: Target): Promise<void> {
  if (target === 'mail') await mail.kill();
  else if (isProcess(target)) await stack.kill(target);
  else await servers.kill(target satisfies ServerName);
}

async function start({ stack, servers, mail }: Installation, target: Target): Promise<void> {
  if (target === 'mail') await mail.start();
  else if (isProcess(target)) await stack.start(target);
  else await servers.start(target);
}

function pidOf({ stack, servers, mail }: Installation, target: Target): number | undefined {
  if (target === 'mail') return mail.pid();
  return isProcess(target) ? stack.pidOf(target) : servers.pidOf(target);
}

/** Of each, without what it started: MiB in use. */
export async function memoryOf(about: Installation): Promise<ReadonlyMap<Target, number>> {
  const sizes = targets.map(async (target) => {
    const pid = pidOf(about, target);
    return [target, (pid === undefined ? undefined : await residentMiB(pid)) ?? 0] as const;
  });
  return new Map(await Promise.all(sizes));
}
