import { randomUUID } from 'node:crypto';
import {
  ANY,
  BACKWARDS,
  END,
  FORWARDS,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  STREAM_EXISTS,
  StreamNotFoundError,
  binaryEvent,
  WrongExpectedVersionError,
  type AppendResult,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, counted, countedTo, newStream, numbersOf } from './events.ts';
import { startEventStore, type EventStore } from './server.ts';

let store: EventStore;
beforeAll(async () => {
  store = await startEventStore();
});
afterAll(() => store.stop());

/** With credentials the client uses the unary Append; without them, BatchAppend. */
const paths = [
  ['BatchAppend', {}],
  ['Append', { credentials: { username: 'admin', password: 'changeit' } }],
] as const;

describe.each(paths)('appending through %s', (_, via) => {
  it('answers with the revision and the position of the last event', async () => {
    const stream = newStream();
    const result = await store.client.appendToStream(stream, countedTo(3), { expectedRevision: NO_STREAM, ...via });
    expect(result.success).toBe(true);
    expect(result.nextExpectedRevision).toBe(2n);
    const [last] = await collect(
      store.client.readStream(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 1 }),
    );
    expect(last?.event?.position).toEqual(result.position);
    expect(last?.event?.revision).toBe(2n);
  });

  it('keeps every byte, type, id and metadata, of JSON and of binary events', async () => {
    const stream = newStream();
    const json = jsonEvent({
      id: randomUUID(),
      type: 'Snowman ☃',
      data: { text: 'žluťoučký\u0000 "quoted" \\ 😀', nested: [1, 2.5, null, { deep: true }] },
      metadata: { $correlationId: 'c-1', by: 'test' },
    });
    const bytes = Uint8Array.from({ length: 256 }, (_item, index) => index);
    const binary = binaryEvent({ id: randomUUID(), type: 'bytes', data: bytes, metadata: Uint8Array.of(0, 255, 128) });
    await store.client.appendToStream(stream, [json, binary], via);
    const stored = await collect(store.client.readStream(stream));
    const [first, second] = stored.map(({ event }) => event);
    if (first === undefined || second === undefined) throw new Error('two events are expected');
    expect(first).toMatchObject({ id: json.id, type: json.type, data: json.data, metadata: json.metadata });
    expect(first).toMatchObject({ isJson: true, streamId: stream, revision: 0n });
    expect(Math.abs(first.created.getTime() - Date.now())).toBeLessThan(60_000);
    expect(second).toMatchObject({ id: binary.id, type: 'bytes', isJson: false, revision: 1n });
    expect(Buffer.from(second.data as Uint8Array)).toEqual(Buffer.from(bytes));
    expect(Buffer.from(second.metadata as Uint8Array)).toEqual(Buffer.from([0, 255, 128]));
  });

  it('refuses every expectation that does not hold, says what holds, and writes nothing', async () => {
    const stream = newStream();
    const refused = async (expectedRevision: bigint | typeof NO_STREAM | typeof STREAM_EXISTS): Promise<unknown> =>
      store.client.appendToStream(stream, [counted(99)], { expectedRevision, ...via }).catch((error: unknown) => error);
    expect(await refused(0n)).toMatchObject({ expectedVersion: 0n, actualVersion: 'no_stream', streamName: stream });
    expect(await refused(STREAM_EXISTS)).toBeInstanceOf(WrongExpectedVersionError);
    await store.client.appendToStream(stream, countedTo(3), { expectedRevision: NO_STREAM, ...via });
    expect(await refused(NO_STREAM)).toMatchObject({ expectedVersion: 'no_stream', actualVersion: 2n });
    expect(await refused(1n)).toMatchObject({ expectedVersion: 1n, actualVersion: 2n });
    expect(await refused(3n)).toBeInstanceOf(WrongExpectedVersionError);
    expect(numbersOf(await collect(store.client.readStream(stream)))).toEqual([0, 1, 2]);
  });

  it('accepts every expectation that holds', async () => {
    const stream = newStream();
    const append = (expectedRevision: bigint | typeof ANY | typeof STREAM_EXISTS): Promise<AppendResult> =>
      store.client.appendToStream(stream, [counted(1)], { expectedRevision, ...via });
    expect((await append(ANY)).nextExpectedRevision).toBe(0n);
    expect((await append(ANY)).nextExpectedRevision).toBe(1n);
    expect((await append(STREAM_EXISTS)).nextExpectedRevision).toBe(2n);
    expect((await append(2n)).nextExpectedRevision).toBe(3n);
  });

  it.each([NO_STREAM, ANY] as const)(
    'recognises a repeated append by its event ids, expecting %s',
    async (expectedRevision) => {
      const stream = newStream();
      const events = countedTo(3);
      const first = await store.client.appendToStream(stream, events, { expectedRevision, ...via });
      await store.client.appendToStream(stream, [counted(3)], via);
      const again = await store.client.appendToStream(stream, events, { expectedRevision, ...via });
      expect(again).toEqual(first);
      expect(numbersOf(await collect(store.client.readStream(stream)))).toEqual([0, 1, 2, 3]);
    },
  );

  it('refuses a repetition that is longer than the original or that differs in a later event', async () => {
    const stream = newStream();
    const [first, second, third] = countedTo(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three events are needed');
    await store.client.appendToStream(stream, [first, second], { expectedRevision: NO_STREAM, ...via });
    const repeat = (events: (typeof first)[], expectedRevision: typeof NO_STREAM | typeof ANY): Promise<unknown> =>
      store.client.appendToStream(stream, events, { expectedRevision, ...via });
    await expect(repeat([first, second, third], NO_STREAM)).rejects.toBeInstanceOf(WrongExpectedVersionError);
    await expect(repeat([first, third], NO_STREAM)).rejects.toBeInstanceOf(WrongExpectedVersionError);
    await expect(repeat([first, third], ANY)).rejects.toBeInstanceOf(WrongExpectedVersionError);
  });

  it('writes the same ids again when the expected revision is the current one', async () => {
    const stream = newStream();
    const event = counted(7);
    await store.client.appendToStream(stream, [event], { expectedRevision: NO_STREAM, ...via });
    const again = await store.client.appendToStream(stream, [event], { expectedRevision: 0n, ...via });
    expect(again.nextExpectedRevision).toBe(1n);
    expect(numbersOf(await collect(store.client.readStream(stream)))).toEqual([7, 7]);
  });

  it('takes nearly a megabyte at once and refuses more, leaving nothing behind', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, [counted(1, 'x'.repeat(1_000_000))], via);
    const [event] = await collect(store.client.readStream(stream));
    expect((event?.event?.data as { filling: string }).filling).toHaveLength(1_000_000);
    const tooMuch = newStream();
    const half = 'y'.repeat(600_000);
    const refusal = store.client.appendToStream(tooMuch, [counted(1, half), counted(2, half)], via);
    await expect(refusal).rejects.toBeInstanceOf(MaxAppendSizeExceededError);
    await expect(collect(store.client.readStream(tooMuch, { direction: FORWARDS }))).rejects.toBeInstanceOf(
      StreamNotFoundError,
    );
  });

  it('takes stream names of any script and refuses what cannot be a name', async () => {
    const stream = newStream('účet-☃-😀');
    await store.client.appendToStream(stream, [counted(1)], via);
    const [event] = await collect(store.client.readStream(stream));
    expect(event?.event?.streamId).toBe(stream);
    const wrong = store.client.appendToStream(stream, [counted(2)], { expectedRevision: 5n, ...via });
    await expect(wrong).rejects.toBeInstanceOf(WrongExpectedVersionError);
  });
});
