import { randomUUID } from 'node:crypto';
import { seededRandom } from '../e2e/persistence.ts';
import { startOwnServers } from '../e2e/servers.ts';
import { startStack } from '../e2e/stack.ts';
import { startSandboxProcess } from '../support/sandbox-process.ts';
import { settledLog, tablesThatDiffer } from './aftermath.ts';
import { mailsOf, type World } from './asking.ts';
import { findings, type Finding } from './checker.ts';
import { live } from './doings.ts';
import { strike, type Installation } from './downfall.ts';
import { watchMemory, type Sizes } from './memory.ts';
import { logIn, settleIn, type Person } from './person.ts';
import type { ChaosRecord, RawEvent } from './record.ts';
import { scheduleOf, type Struck } from './schedule.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly people: number;
}

export interface ChaosResult {
  readonly events: readonly RawEvent[];
  readonly record: ChaosRecord;
  readonly found: readonly Finding[];
  /** Of read models that a rebuild makes otherwise. */
  readonly tables: readonly string[];
  readonly struck: readonly Struck[];
  readonly memory: readonly Sizes[];
}

/** Runs from this length on kill in their first quarter only, and show in the rest whether a process grows. */
const longSeconds = 400;

/** One installation, its people and its misfortunes, from the start to the last check. */
export async function chaosRun(options: ChaosOptions): Promise<ChaosResult> {
  const closing: (() => Promise<void>)[] = [];
  try {
    const about = await install(closing);
    return await passTime(about, options);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function install(closing: (() => Promise<void>)[]): Promise<Installation> {
  const servers = await startOwnServers();
  closing.push(() => servers.stop());
  const started = (['mail', 'geo-ip', 'virtuozzo'] as const).map(async (name) => {
    const sandbox = await startSandboxProcess(name);
    closing.push(() => sandbox.stop());
    return [name, sandbox] as const;
  });
  const sandboxes = Object.fromEntries(await Promise.all(started)) as Installation['sandboxes'];
  const env = {
    HASH_QUEUE: '256',
    POSTMARK_API_URL: sandboxes.mail.url,
    GEOIP_API_URL: sandboxes['geo-ip'].url,
    VIRTUOZZO_API_URL: sandboxes.virtuozzo.url,
    VIRTUOZZO_PROBE_SECONDS: '2',
  };
  const stack = await startStack({ servers: servers.urls, env });
  closing.push(() => stack.stop());
  await stack.start('second-api');
  return { stack, servers, sandboxes };
}

async function passTime(about: Installation, { seed, seconds, people: count }: ChaosOptions): Promise<ChaosResult> {
  const { stack, sandboxes } = about;
  const record: ChaosRecord = { deeds: [], mails: new Map(), oddities: [] };
  const apiUrls = [stack.urlOf('api'), stack.urlOf('second-api')];
  const calm = { apiUrls, mailboxUrl: sandboxes.mail.url, record, newId: randomUUID, endsAt: 0 };
  const people = Array.from({ length: count }, (_, number) => personOf(seed, number));
  // Half of them are there already; the others come when it has begun.
  const here = people.slice(0, count / 2);
  await Promise.all(here.map((who) => settleIn(calm, who)));
  // However little the machine manages from now on, one session has been superseded.
  if (here[0] !== undefined) await logIn(calm, here[0]);
  const endsAt = performance.now() + seconds * 1000;
  const world: World = { ...calm, endsAt };
  const memory = watchMemory(about);
  const watching = watchMails(world);
  const killsUntil = seconds < longSeconds ? endsAt : endsAt - 750 * seconds;
  const span = { endsAt, killsUntil };
  const lanes = scheduleOf(seededRandom(seed), 1000).map((lane) => strike(about, lane, span));
  const lives = people.map(async (who) => {
    if (here.includes(who) || (await settleIn(world, who))) await live(world, who, people);
  });
  const struck = (await Promise.all(lanes)).flat();
  await Promise.all(lives);
  await watching;
  const events = await settledLog(stack, world).catch(async (error: unknown) => {
    throw new Error(`It did not settle:\n${(await stack.logs()).slice(-20_000)}`, { cause: error });
  });
  const sizes = await memory.end();
  const tables = await tablesThatDiffer(stack);
  return { events, record, found: findings(events, record), tables, struck, memory: sizes };
}

function personOf(seed: number, number: number): Person {
  const random = seededRandom(seed * 1000 + number);
  const email = `person-${number}@example.com`;
  const lists = { oldSessions: [], invitations: [], invited: new Set<string>(), members: new Map(), customRoles: [] };
  // Public, so that the place is asked for.
  return { email, ip: `51.15.${number >> 8}.${number & 255}`, random, userId: '', teamId: '', ...lists };
}

/** The sandbox keeps the newest thousand only. */
async function watchMails(world: World): Promise<void> {
  while (performance.now() < world.endsAt) {
    await mailsOf(world);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
