import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../e2e/journey.ts';
import type { OwnServers, ServerName } from '../e2e/servers.ts';
import type { ProcessName, Stack } from '../e2e/stack.ts';
import type { Sandbox, SandboxProcess } from '../support/sandbox-process.ts';
import { signalAll, treeOf } from './process-tree.ts';
import type { Blow, Struck, Target } from './schedule.ts';

export interface Installation {
  readonly stack: Stack;
  readonly servers: OwnServers;
  readonly sandboxes: Readonly<Record<Sandbox, SandboxProcess>>;
}

const processNames: ReadonlySet<string> = new Set<ProcessName>(['api', 'second-api', 'worker', 'projector']);
const isProcess = (target: Target): target is ProcessName => processNames.has(target);
const isSandbox = (target: Target): target is Sandbox => ['mail', 'geo-ip', 'virtuozzo'].includes(target);

/** By `performance.now()`. */
export interface Span {
  readonly endsAt: number;
  /** From then on nothing is killed any more, but stopped: what is to show whether it grows has to live. */
  readonly killsUntil: number;
}

/** Strikes in the order of the lane, and leaves everything running. */
export async function strike(about: Installation, lane: readonly Blow[], span: Span): Promise<Struck[]> {
  const struck: Struck[] = [];
  for (const planned of lane) {
    if (performance.now() + planned.afterMs + planned.forMs > span.endsAt) break;
    await pause(planned.afterMs);
    const from = performance.now();
    const blow: Blow = planned.how === 'kill' && from > span.killsUntil ? { ...planned, how: 'stop' } : planned;
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

async function kill({ stack, servers, sandboxes }: Installation, target: Target): Promise<void> {
  if (isSandbox(target)) await sandboxes[target].kill();
  else if (isProcess(target)) await stack.kill(target);
  else await servers.kill(target satisfies ServerName);
}

async function start({ stack, servers, sandboxes }: Installation, target: Target): Promise<void> {
  if (isSandbox(target)) await sandboxes[target].start();
  else if (isProcess(target)) await stack.start(target);
  else await servers.start(target);
}

export function pidOf({ stack, servers, sandboxes }: Installation, target: Target): number | undefined {
  if (isSandbox(target)) return sandboxes[target].pid();
  return isProcess(target) ? stack.pidOf(target) : servers.pidOf(target);
}
