import {
  ANY,
  NO_STREAM,
  StreamDeletedError,
  StreamNotFoundError,
  STREAM_EXISTS,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, counted, countedTo, newStream, numbersOf } from './events.ts';
import { startEventStore, type EventStore } from './server.ts';
import { until } from './until.ts';

let store: EventStore;
beforeAll(async () => {
  store = await startEventStore();
});
afterAll(() => store.stop());

async function read(stream: string): Promise<number[]> {
  return numbersOf(await collect(store.client.readStream(stream)));
}

describe('a soft-deleted stream', () => {
  it('reads as if it had never been, and can be begun anew where its revisions ended', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, countedTo(3));
    const { position } = await store.client.deleteStream(stream, { expectedRevision: 2n });
    expect(position?.commit).toBeGreaterThan(0n);
    await expect(read(stream)).rejects.toBeInstanceOf(StreamNotFoundError);
    const again = await store.client.appendToStream(stream, [counted(7)], { expectedRevision: NO_STREAM });
    expect(again.nextExpectedRevision).toBe(3n);
    expect(await read(stream)).toEqual([7]);
    const { metadata } = await store.client.getStreamMetadata(stream);
    expect(metadata?.truncateBefore).toBe(3);
    await store.client.appendToStream(stream, [counted(8)], { expectedRevision: 3n });
    expect(await read(stream)).toEqual([7, 8]);
  });

  it('cannot be appended to by somebody who expects it to exist', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, countedTo(1));
    await store.client.deleteStream(stream);
    const append = store.client.appendToStream(stream, [counted(1)], { expectedRevision: STREAM_EXISTS });
    await expect(append).rejects.toBeInstanceOf(StreamDeletedError);
  });

  it('comes back in part when its metadata is set again', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, countedTo(2));
    await store.client.deleteStream(stream);
    await store.client.setStreamMetadata(stream, { maxCount: 5, owner: 'test' });
    const { metadata } = await store.client.getStreamMetadata<{ owner: string }>(stream);
    expect(metadata).toMatchObject({ maxCount: 5, owner: 'test', truncateBefore: 2 });
    expect(await read(stream)).toEqual([]);
  });

  it('must have been there, and as expected', async () => {
    await expect(store.client.deleteStream(newStream(), { expectedRevision: ANY })).rejects.toBeInstanceOf(
      WrongExpectedVersionError,
    );
    const stream = newStream();
    await store.client.appendToStream(stream, countedTo(2));
    const refusal: unknown = await store.client
      .deleteStream(stream, { expectedRevision: 5n })
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({ expectedVersion: 5n, actualVersion: 1n, streamName: stream });
    expect(await read(stream)).toEqual([0, 1]);
  });
});

describe('a tombstoned stream', () => {
  it('refuses everything for ever', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, countedTo(2));
    await store.client.tombstoneStream(stream, { expectedRevision: 1n });
    await expect(read(stream)).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(store.client.appendToStream(stream, [counted(1)])).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(store.client.deleteStream(stream)).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(store.client.tombstoneStream(stream)).rejects.toBeInstanceOf(StreamDeletedError);
    const withCredentials = { credentials: { username: 'admin', password: 'changeit' } };
    await expect(store.client.appendToStream(stream, [counted(1)], withCredentials)).rejects.toBeInstanceOf(
      StreamDeletedError,
    );
  });

  it('need never have existed', async () => {
    const stream = newStream();
    await store.client.tombstoneStream(stream, { expectedRevision: NO_STREAM });
    await expect(store.client.appendToStream(stream, [counted(1)])).rejects.toBeInstanceOf(StreamDeletedError);
  });

  it('ends its live subscriptions with the tombstone and then an error', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, countedTo(1));
    const subscription = store.client.subscribeToStream(stream);
    const types: string[] = [];
    const failure = (async () => {
      for await (const { event } of subscription) types.push(event?.type ?? '');
    })().catch((error: unknown) => error);
    await until(() => types.length === 1);
    await store.client.tombstoneStream(stream);
    expect(await failure).toBeInstanceOf(StreamDeletedError);
    expect(types).toEqual(['Counted', '$streamDeleted']);
  });
});

describe('stream metadata', () => {
  it('keeps what was set, custom keys included, and the latest wins', async () => {
    const stream = newStream();
    await store.client.setStreamMetadata(stream, { maxCount: 10, team: 'one' });
    await store.client.setStreamMetadata(stream, { maxAge: 60, team: 'two' });
    const { metadata } = await store.client.getStreamMetadata<{ team: string }>(stream);
    expect(metadata).toMatchObject({ maxAge: 60, team: 'two' });
    expect(metadata).not.toHaveProperty('maxCount');
  });

  it('limits how many of the newest events are read', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, countedTo(10));
    await store.client.setStreamMetadata(stream, { maxCount: 3 });
    expect(await read(stream)).toEqual([7, 8, 9]);
    await store.client.appendToStream(stream, [counted(10)]);
    expect(await read(stream)).toEqual([8, 9, 10]);
    await store.client.setStreamMetadata(stream, {});
    expect(await read(stream)).toHaveLength(11);
  });

  it('hides the events before a revision', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, countedTo(5));
    await store.client.setStreamMetadata(stream, { truncateBefore: 3 });
    expect(await read(stream)).toEqual([3, 4]);
    expect(numbersOf(await collect(store.client.readStream(stream, { fromRevision: 1n, maxCount: 1 })))).toEqual([3]);
  });

  it('hides events that are older than their greatest age', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, countedTo(2));
    await store.client.setStreamMetadata(stream, { maxAge: 1 });
    await until(async () => (await read(stream)).length === 0);
    await store.client.appendToStream(stream, [counted(2)]);
    expect(await read(stream)).toEqual([2]);
  });
});
