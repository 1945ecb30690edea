import { Redis } from 'ioredis';
import pg from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { queueName } from '../src/workers/job.ts';
import { between, processorSeconds, total } from './processes.ts';
import type { Installation } from './service.ts';

const lookMs = 500;
const patienceMs = 30_000;
/** Of one core, of everything that the bench started: as much as they take while nobody asks for anything. */
const quietShare = 0.15;
const quietLooks = 2;

/**
 * Waits until nothing of what was measured before is under way: the read models and the jobs have caught up with the
 * log, and no process has anything to do. Answers false where that did not come about in time.
 */
export async function settled(installations: readonly Installation[], signal?: AbortSignal): Promise<boolean> {
  let quiet = 0;
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline;) {
    const [before, since] = [await processorSeconds(), performance.now()];
    await pause(lookMs, undefined, { signal });
    const cores = (total(between(before, await processorSeconds())) * 1000) / (performance.now() - since);
    const isQuiet = cores < quietShare && (await haveCaughtUp(installations).catch(() => false));
    quiet = isQuiet ? quiet + 1 : 0;
    if (quiet >= quietLooks) return true;
  }
  return false;
}

async function haveCaughtUp(installations: readonly Installation[]): Promise<boolean> {
  const answers = await Promise.all(
    installations.map(async (installation) => (await readModelsHave(installation)) && (await noJobWaits(installation))),
  );
  return answers.every(Boolean);
}

async function readModelsHave({ settings, databaseUrl, eventStoreDatabaseUrl }: Installation): Promise<boolean> {
  const [last] = await ask(
    eventStoreDatabaseUrl,
    'select pos as position from event_store.event where starts_with(stream, $1) order by pos desc limit 1',
    [settings['STREAM_PREFIX'] ?? ''],
  );
  // Every event is in the audit log.
  const [shown] = await ask(
    databaseUrl,
    'select position from engine.projection_checkpoint where name = $1 and active',
    ['audit_log'],
  );
  return BigInt(shown?.position ?? 0) >= BigInt(last?.position ?? 0);
}

async function ask(url: string, text: string, values: unknown[]): Promise<{ position: string | null }[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ position: string | null }>(text, values)).rows;
  } finally {
    await client.end();
  }
}

async function noJobWaits({ settings }: Installation): Promise<boolean> {
  const queue = `${settings['REDIS_PREFIX'] ?? ''}:${queueName}`;
  const redis = new Redis(settings['REDIS_URL'] ?? '');
  try {
    const [waiting, active] = await Promise.all([redis.llen(`${queue}:wait`), redis.llen(`${queue}:active`)]);
    return waiting + active === 0;
  } finally {
    redis.disconnect();
  }
}
