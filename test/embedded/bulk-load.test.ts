import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBulkLoad } from '../../bench/data/bulk-load.ts';
import { eventsOfLife, lifeOf, type Chapter } from '../../bench/data/life.ts';
import { eventCodec, type EventCodec, type StoredEvent } from '../../src/adapters/event-codec.ts';
import { eventstoredbEventStore } from '../../src/adapters/eventstoredb-event-store.ts';
import { eventstoredbSubscription } from '../../src/adapters/eventstoredb-subscription.ts';
import { notOurs, startEventStore, type EventStore } from '../contract/event-store/server.ts';

let store: EventStore;

beforeAll(async () => {
  if (notOurs === undefined) store = await startEventStore();
});
afterAll(async () => {
  if (notOurs === undefined) await store.stop();
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** The first chapter of one, and the first event of the other. */
function firstOf([chapter]: readonly Chapter[], [other]: readonly Chapter[]): [Chapter, Chapter['events'][number]] {
  const next = other?.events[0];
  if (chapter === undefined || next === undefined) throw new Error('A life has no events.');
  return [chapter, next];
}

/** The codec, but each event is sealed once, so that both ways write it with the same nonces. */
function sealingOnce(): EventCodec {
  const codec = eventCodec({ subjectKeys: { forSealing: () => Promise.resolve(Buffer.alloc(32, 7)) } });
  const sealed = new Map<string, Promise<StoredEvent>>();
  return {
    ...codec,
    encode: (event) => {
      const stored = sealed.get(event.id) ?? codec.encode(event);
      sealed.set(event.id, stored);
      return stored;
    },
  };
}

it.skipIf(notOurs !== undefined)(
  'what is loaded is what an append writes, and the server goes on after it',
  async () => {
    const databaseUrl = store.own?.postgres.url ?? '';
    const codec = sealingOnce();
    const { client } = store;
    const chapters = [1, 2, 3].flatMap((number) => lifeOf(1, number).chapters);
    const appending = eventstoredbEventStore({ client, codec, prefix: 'appended_' });
    for (const { stream, events } of chapters) await appending.append(stream, events, 'no-stream');

    const load = await openBulkLoad({ databaseUrl, codec, prefix: 'loaded_' });
    await load.append(chapters.slice(0, 20));
    await load.append(chapters.slice(20));
    await load.end();

    const count = 3 * eventsOfLife;
    const rowsOf = (prefix: string, before: number) =>
      query(
        databaseUrl,
        `select pos - ${before} as pos, substring(stream from ${prefix.length + 1}) as stream, rev, id, type, is_json,
         encode(data, 'hex') as data, encode(meta, 'hex') as meta
       from event_store.event where starts_with(stream, '${prefix}') order by pos`,
      );
    const appended = await rowsOf('appended_', 0);
    expect(appended).toHaveLength(count);
    expect(await rowsOf('loaded_', count)).toEqual(appended);

    const loaded = eventstoredbEventStore({ client, codec, prefix: 'loaded_' });
    const [{ stream, events }, next] = firstOf(chapters, lifeOf(1, 4).chapters);
    const { position, revision } = await loaded.append(stream, [next], BigInt(events.length - 1));
    expect([position, revision]).toEqual([BigInt(2 * count + 1), BigInt(events.length)]);
    const read = await loaded.readStream(stream);
    expect(read.events.map(({ id }) => id)).toEqual([...events, next].map(({ id }) => id));

    const subscribe = eventstoredbSubscription({ client, codec, prefix: 'loaded_' });
    const seen: string[] = [];
    const stopping = new AbortController();
    for await (const entry of subscribe('start', stopping.signal)) {
      if (entry.kind === 'event') seen.push(entry.recorded.id);
      if (seen.at(-1) === next.id) break;
    }
    stopping.abort();
    expect(seen).toEqual([...chapters.flatMap((chapter) => chapter.events), next].map(({ id }) => id));
  },
);

it.skipIf(notOurs !== undefined)('a stream that is there already is refused', async () => {
  const load = await openBulkLoad({
    databaseUrl: store.own?.postgres.url ?? '',
    codec: sealingOnce(),
    prefix: 'loaded_',
  });
  await load.append(lifeOf(1, 1).chapters);
  await expect(load.end()).rejects.toThrow('A stream was there before');
});
