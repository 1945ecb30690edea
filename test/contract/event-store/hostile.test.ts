import { randomUUID } from 'node:crypto';
import { ANY } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { Client, credentials, status, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, counted, newStream, numbersOf } from './events.ts';
import { givenUrl, startEventStore, type EventStore } from './server.ts';

let store: EventStore;
let raw: StreamsClient;
let wire: Client;
beforeAll(async () => {
  store = await startEventStore();
  const address = new URL(store.url.replace(/^esdb[^:]*/, 'http')).host;
  raw = new StreamsClient(address, credentials.createInsecure());
  wire = new Client(address, credentials.createInsecure());
});
afterAll(async () => {
  raw.close();
  wire.close();
  await store.stop();
});

const { Options, ProposedMessage } = streams.AppendReq;
const { ReadDirection } = streams.ReadReq.Options;

/** The generated enumeration is only a number on the wire. */
function unknownDirection(): ReadReq.Options {
  const options = allRead();
  options.setReadDirection(...([7] as unknown as [ReadReq.Options.ReadDirection]));
  return options;
}

function identifier(name: string | Uint8Array): InstanceType<typeof shared.StreamIdentifier> {
  return new shared.StreamIdentifier().setStreamName(typeof name === 'string' ? Buffer.from(name) : name);
}

function appendOptions(name: string | Uint8Array): InstanceType<typeof streams.AppendReq> {
  const options = new Options().setStreamIdentifier(identifier(name)).setAny(new shared.Empty());
  return new streams.AppendReq().setOptions(options);
}

function proposal(id: string, properties: Record<string, string>): InstanceType<typeof streams.AppendReq> {
  const message = new ProposedMessage().setId(new shared.UUID().setString(id)).setData(Buffer.from('{}'));
  for (const [name, value] of Object.entries(properties)) message.getMetadataMap().set(name, value);
  return new streams.AppendReq().setProposedMessage(message);
}

const json = { type: 'T', 'content-type': 'application/json' };

function append(...requests: InstanceType<typeof streams.AppendReq>[]): Promise<ServiceError | undefined> {
  return new Promise((resolve) => {
    const call = raw.append((error) => {
      resolve(error ?? undefined);
    });
    call.on('error', () => undefined);
    for (const request of requests) call.write(request);
    call.end();
  });
}

function allRead(): ReadReq.Options {
  return new streams.ReadReq.Options()
    .setAll(new streams.ReadReq.Options.AllOptions().setStart(new shared.Empty()))
    .setNoFilter(new shared.Empty())
    .setCount('1')
    .setUuidOption(new streams.ReadReq.Options.UUIDOption().setString(new shared.Empty()));
}

function read(options?: ReadReq.Options): Promise<ServiceError | number> {
  return new Promise((resolve) => {
    const request = new streams.ReadReq();
    if (options !== undefined) request.setOptions(options);
    let messages = 0;
    (raw.read(request) as ClientReadableStream<unknown>)
      .on('data', () => (messages += 1))
      .on('end', () => {
        resolve(messages);
      })
      .on('error', (error) => {
        resolve(error as ServiceError);
      });
  });
}

function regexFilter(regex: string): ReadReq.Options {
  const expression = new streams.ReadReq.Options.FilterOptions.Expression().setRegex(regex);
  const filter = new streams.ReadReq.Options.FilterOptions().setStreamIdentifier(expression).setMax(32);
  const options = allRead().setFilter(filter.setCheckpointintervalmultiplier(1));
  return options;
}

/** Whatever was asked before, the server goes on. */
async function expectService(): Promise<void> {
  const stream = newStream();
  await store.client.appendToStream(stream, [counted(1)], { expectedRevision: ANY });
  expect(numbersOf(await collect(store.client.readStream(stream)))).toEqual([1]);
}

const invalid = { code: status.INVALID_ARGUMENT };

describe('a malformed append is refused, and the server goes on', () => {
  const id = (): string => randomUUID();
  it.each([
    ['no message at all', () => []],
    ['an event before the options', () => [proposal(id(), json)]],
    ['options twice', () => [appendOptions('s'), appendOptions('s')]],
    ['no stream', () => [new streams.AppendReq().setOptions(new Options().setAny(new shared.Empty()))]],
    [
      'no expected revision',
      () => [new streams.AppendReq().setOptions(new Options().setStreamIdentifier(identifier('s')))],
    ],
    ['an id that is no UUID', () => [appendOptions('s'), proposal('not-a-uuid', json)]],
    ['an empty id', () => [appendOptions('s'), proposal('', json)]],
    ['no event type', () => [appendOptions('s'), proposal(id(), { 'content-type': 'application/json' })]],
    ['no content type', () => [appendOptions('s'), proposal(id(), { type: 'T' })]],
    ['an empty message', () => [new streams.AppendReq()]],
  ])('with %s', async (_, requests) => {
    expect((await append(...requests()))?.code).toBe(status.INVALID_ARGUMENT);
    await expectService();
  });

  it.skipIf(givenUrl !== undefined).each([
    ['an enormous stream name', 'n'.repeat(1_000_000)],
    ['a stream name with a NUL', 'a\0b'],
    ['a stream name that is not UTF-8', Uint8Array.of(0xc3, 0x28)],
    ['the name of $all', '$all'],
  ])('with %s', async (_, name) => {
    expect(await append(appendOptions(name), proposal(id(), json))).toMatchObject(invalid);
    await expectService();
  });

  it('with bytes that are no message', async () => {
    const path = '/event_store.client.streams.Streams/Delete';
    const same = (bytes: Buffer): Buffer => bytes;
    const error = await new Promise<ServiceError | null>((resolve) => {
      wire.makeUnaryRequest(path, same, same, Buffer.from('ffffffffffffffff', 'hex'), resolve);
    });
    expect(error?.code).toBeGreaterThan(0);
    await expectService();
  });
});

describe('a malformed read is refused, and the server goes on', () => {
  const filtered = (): InstanceType<typeof streams.ReadReq.Options.FilterOptions> =>
    new streams.ReadReq.Options.FilterOptions().setMax(32).setCheckpointintervalmultiplier(1);
  const stream = new streams.ReadReq.Options.StreamOptions().setStreamIdentifier(identifier('s'));
  it.each([
    ['without options', () => undefined],
    ['without a form of UUID', () => allRead().setUuidOption()],
    [
      'without a count or a subscription',
      () => new streams.ReadReq.Options().setAll(allRead().getAll()).setNoFilter(new shared.Empty()),
    ],
    ['without saying whether it is filtered', () => allRead().setNoFilter()],
    ['without a place to start', () => allRead().setAll(new streams.ReadReq.Options.AllOptions())],
    ['without a revision', () => allRead().setStream(stream)],
    ['with an empty filter', () => allRead().setFilter(filtered())],
    [
      'backwards for ever',
      () =>
        allRead()
          .setReadDirection(ReadDirection.BACKWARDS)
          .setSubscription(new streams.ReadReq.Options.SubscriptionOptions()),
    ],
    ['in no known direction', () => unknownDirection()],
  ])('%s', async (_, options) => {
    expect(await read(options())).toMatchObject({ code: status.INVALID_ARGUMENT });
    await expectService();
  });

  it('with a malformed expression', async () => {
    expect(await read(regexFilter('(unclosed'))).toMatchObject({ code: expect.any(Number) as number });
    await expectService();
  });

  it('while an expression that would take for ever elsewhere costs it nothing', async ({ skip }) => {
    if (store.own === undefined) skip('a given server has expressions and a log of its own');
    await store.client.appendToStream(`${'a'.repeat(1500)}!`, [counted(1)]);
    const begun = performance.now();
    await read(regexFilter('^(a+)+$').setCount('100000'));
    await read(regexFilter('^((a|aa)*)*b$').setCount('100000'));
    expect(performance.now() - begun).toBeLessThan(5000);
    await expectService();
  });
});

describe('a malformed batch', () => {
  function batch(...requests: InstanceType<typeof streams.BatchAppendReq>[]): Promise<(string | number)[]> {
    return new Promise((resolve) => {
      const outcomes: (string | number)[] = [];
      const call = raw.batchAppend();
      call.on('data', (answer: InstanceType<typeof streams.BatchAppendResp>) => {
        outcomes.push(answer.getError()?.getDetails()?.getTypeName() ?? 'success');
      });
      call.on('error', (error: ServiceError) => {
        resolve([...outcomes, error.code]);
      });
      call.on('end', () => {
        resolve(outcomes);
      });
      for (const request of requests) call.write(request);
      call.end();
    });
  }
  const request = (id = randomUUID() as string): InstanceType<typeof streams.BatchAppendReq> =>
    new streams.BatchAppendReq().setCorrelationId(new shared.UUID().setString(id)).setIsFinal(true);
  const target = (name: string): InstanceType<typeof streams.BatchAppendReq.Options> =>
    new streams.BatchAppendReq.Options().setStreamIdentifier(identifier(name)).setAny(new empty.Empty());
  const event = (id: string): InstanceType<typeof streams.BatchAppendReq.ProposedMessage> => {
    const message = new streams.BatchAppendReq.ProposedMessage().setId(new shared.UUID().setString(id));
    message.getMetadataMap().set('type', 'T').set('content-type', 'application/json');
    return message;
  };

  it('without a correlation id ends the call', async () => {
    const [code] = await batch(new streams.BatchAppendReq().setOptions(target('s')).setIsFinal(true));
    expect(code).toEqual(expect.any(Number));
    await expectService();
  });

  it.skipIf(givenUrl !== undefined)('answers only for what is wrong in it, and commits the rest', async () => {
    const stream = newStream();
    const outcomes = await batch(
      request(),
      request().setOptions(target('n'.repeat(5000))),
      request()
        .setOptions(target(stream))
        .setProposedMessagesList([event('nonsense')]),
      request()
        .setOptions(target(stream))
        .setProposedMessagesList([event(randomUUID())]),
    );
    const bad = 'event_store.client.BadRequest';
    expect(outcomes.toSorted()).toEqual([bad, bad, bad, 'success']);
    expect(await collect(store.client.readStream(stream))).toHaveLength(1);
    await expectService();
  });

  it('puts an append together from fragments that interleave with those of another', async () => {
    const [one, other] = [newStream(), newStream()];
    const [first, second] = [randomUUID(), randomUUID()];
    const part = (id: string): InstanceType<typeof streams.BatchAppendReq> => request(id).setIsFinal(false);
    const outcomes = await batch(
      part(first)
        .setOptions(target(one))
        .setProposedMessagesList([event(randomUUID())]),
      part(second).setOptions(target(other)),
      part(first).setProposedMessagesList([event(randomUUID())]),
      request(second).setProposedMessagesList([event(randomUUID())]),
      request(first).setProposedMessagesList([event(randomUUID())]),
    );
    expect(outcomes).toEqual(['success', 'success']);
    expect(await collect(store.client.readStream(one))).toHaveLength(3);
    expect(await collect(store.client.readStream(other))).toHaveLength(1);
  });
});

describe('what the embedded server does not have', () => {
  it.skipIf(givenUrl !== undefined)('is refused with a sentence that says so', async () => {
    const unimplemented = {
      code: status.UNIMPLEMENTED,
      message: expect.stringContaining('not part of the embedded event store') as string,
    };
    const group = store.client.createPersistentSubscriptionToStream('s', 'g', {
      ...(await import('@eventstore/db-client')).persistentSubscriptionToStreamSettingsFromDefaults(),
    });
    await expect(group).rejects.toMatchObject({ _raw: unimplemented });
    await expect(store.client.createProjection('p', 'fromAll()')).rejects.toMatchObject({ _raw: unimplemented });
    await expectService();
  });
});

it.skipIf(givenUrl !== undefined)('says that it is healthy to a standard health check', async () => {
  const same = (bytes: Buffer): Buffer => bytes;
  const answer = await new Promise<Buffer | undefined>((resolve, reject) => {
    wire.makeUnaryRequest('/grpc.health.v1.Health/Check', same, same, Buffer.alloc(0), (error, value) => {
      if (error === null) resolve(value);
      else reject(error);
    });
  });
  expect(answer).toEqual(Buffer.from([0x08, 1]));
});
