import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { connectionConfig, queryRunner, type RunQuery } from './database.ts';
import { prepareSchema } from './schema.ts';

/** The one connection that may write: it holds the lock, so no other server can while it lives. */
export interface WriterSession {
  readonly run: RunQuery;
  /** The last position in the table when the lock was taken. */
  readonly head: bigint;
  readonly end: () => Promise<void>;
}

/** Any number will do, as long as every server asks for the same one: "evnt" in ASCII. */
export const writerLock = 0x65766e74;
const lockRetryMs = 100;
const maxReconnectDelayMs = 1000;

/** `lost` is called once if the connection breaks; fails when another server keeps the lock for `patienceMs`. */
export async function openWriterSession(url: string, lost: () => void, patienceMs: number): Promise<WriterSession> {
  const client = new Client(connectionConfig(url));
  client.on('error', () => undefined);
  try {
    await client.connect();
    await takeLock(client, patienceMs);
    await prepareSchema(client);
    const { rows } = await client.query<{ head: string | null }>('select max(pos) as head from event_store.event');
    client.on('error', lost);
    client.on('end', lost);
    return {
      run: queryRunner(client),
      head: BigInt(rows[0]?.head ?? 0),
      end: () => client.end().catch(() => undefined),
    };
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** Tries until Postgres is back and the lock is free, or until `stopped` says that nobody waits any more. */
export async function reopenWriterSession(
  url: string,
  lost: () => void,
  stopped: () => boolean,
): Promise<WriterSession> {
  for (let waitMs = 25; ; waitMs = Math.min(waitMs * 2, maxReconnectDelayMs)) {
    try {
      return await openWriterSession(url, lost, maxReconnectDelayMs);
    } catch (error) {
      if (stopped()) throw error;
      await delay(waitMs);
    }
  }
}

async function takeLock(client: Client, patienceMs: number): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += lockRetryMs) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [writerLock]);
    if (rows[0]?.taken === true) return;
    if (waitedMs >= patienceMs) throw new Error('Another event store server is writing to this database.');
    await delay(lockRetryMs);
  }
}
