import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { EventCodec } from '../../src/adapters/event-codec.ts';
import { connectionConfig, queryRunner } from '../../src/embedded/event-store/database.ts';
import type { NewEvent } from '../../src/embedded/event-store/event.ts';
import { prepareSchema } from '../../src/embedded/event-store/schema.ts';
import { createStreamStates } from '../../src/embedded/event-store/stream-states.ts';
import { commitGroup } from '../../src/embedded/event-store/write-group.ts';
import type { WriteCommand } from '../../src/embedded/event-store/write-plan.ts';
import { writerLock } from '../../src/embedded/event-store/writer-session.ts';
import type { Chapter } from './life.ts';

/** Writes into the embedded event store's tables as its writer does, by the same rules and statements. */
export interface BulkLoad {
  /** Each chapter begins its stream. Comes back when the next may be given: these are written meanwhile. */
  append(chapters: readonly Chapter[]): Promise<void>;
  /** Everything is durable, and the server writes again. */
  end(): Promise<void>;
}

interface Options {
  /** Of the event store's database. */
  readonly databaseUrl: string;
  readonly codec: Pick<EventCodec, 'encode'>;
  /** Of the installation. */
  readonly prefix: string;
}

const statementMs = 60_000;
const handOverMs = 10_000;

/**
 * Takes the place of the server's writer, which waits meanwhile: reading goes on, appending is refused. Without the
 * calls and a commit for each append, it is many times as fast.
 */
export async function openBulkLoad({ databaseUrl, codec, prefix }: Options): Promise<BulkLoad> {
  const client = new Client({ ...connectionConfig(databaseUrl), query_timeout: statementMs });
  await client.connect();
  const hadWriter = await takeWritersPlace(client, databaseUrl);
  await prepareSchema(client);
  // The last statement of all is durable, and with it whatever was before.
  await client.query('set synchronous_commit = off');
  const { rows } = await client.query<{ head: string }>('select coalesce(max(pos), 0) as head from event_store.event');
  const context = { run: queryRunner(client), states: createStreamStates(), newId: randomUUID };
  let head = BigInt(rows[0]?.head ?? 0);
  let writing: Promise<void> = Promise.resolve();

  const write = async (commands: readonly WriteCommand[]): Promise<void> => {
    const { results, events } = await commitGroup(commands, { ...context, head, nowMs: Date.now() });
    const written = results.filter(({ kind }) => kind === 'written').length;
    if (written < commands.length) throw new Error('A stream was there before, or was given twice.');
    head += BigInt(events.length);
  };
  return {
    append: async (chapters) => {
      const commands = await Promise.all(chapters.map((chapter) => commandOf(chapter, codec, prefix)));
      await writing;
      writing = write(commands);
      // Whoever waits next is told.
      writing.catch(() => undefined);
    },
    end: async () => {
      try {
        await writing;
        await client.query('set synchronous_commit = on');
        await client.query('analyze event_store.event');
      } finally {
        await client.end();
      }
      if (hadWriter) await untilWriterIsBack(databaseUrl);
    },
  };
}

async function commandOf({ stream, events }: Chapter, codec: Options['codec'], prefix: string): Promise<WriteCommand> {
  const encoded = await Promise.all(events.map((event) => codec.encode(event)));
  return {
    kind: 'append',
    stream: prefix + stream,
    expected: { kind: 'no-stream' },
    // As the store's client puts them on the wire.
    events: encoded.map(({ id, type, data, metadata }): NewEvent => ({
      id,
      type,
      isJson: true,
      data: Buffer.from(JSON.stringify(data)),
      metadata: Buffer.from(JSON.stringify(metadata)),
    })),
  };
}

/** Whoever waits for the lock has it before the server, which comes back a moment later, and waits. */
async function takeWritersPlace(client: Client, databaseUrl: string): Promise<boolean> {
  const locked = client.query('select pg_advisory_lock($1)', [writerLock]);
  const ended = await askBeside(databaseUrl, holders(', pg_terminate_backend(pid)'));
  await locked;
  return ended.length > 0;
}

async function untilWriterIsBack(databaseUrl: string): Promise<void> {
  for (const deadline = performance.now() + handOverMs; performance.now() < deadline;) {
    if ((await askBeside(databaseUrl, holders(''))).length > 0) return;
    await pause(50);
  }
  throw new Error(`The event store did not write again within ${handOverMs / 1000} s.`);
}

const holders = (more: string) =>
  `select pid ${more} from pg_locks join pg_database on pg_database.oid = database
   where locktype = 'advisory' and granted and datname = current_database() and classid = 0 and objid = ${writerLock}`;

async function askBeside(databaseUrl: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<{ pid: number }>(text)).rows;
  } finally {
    await client.end();
  }
}
