import type { EventStoreDBClient } from '@eventstore/db-client';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import statuses from '@eventstore/db-client/generated/status_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Server, ServerCredentials, status, type ServerDuplexStream } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appendCall, type Append } from '../../src/adapters/eventstoredb-append-call.ts';
import { connectEventStore } from '../../src/adapters/eventstoredb-client.ts';
import {
  AppendRefused,
  AppendUnanswered,
  EventStoreStalled,
  isOutage,
} from '../../src/adapters/eventstoredb-errors.ts';
import { newId } from '../../src/adapters/uuid-ids.ts';
import { WrongExpectedRevision } from '../../src/application/ports.ts';

type ServerCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;
type Answer = (call: ServerCall, request: streams.BatchAppendReq) => void;

/** A store that answers as it is told to, and the calls that it has. */
const calls: ServerCall[] = [];
let answer: Answer;
const server = new Server();
let client: EventStoreDBClient;
let append: (more?: Partial<Append>) => Promise<unknown>;
let url: string;

beforeAll(async () => {
  const batchAppend = (call: ServerCall) => {
    calls.push(call);
    call.on('error', () => undefined);
    call.on('data', (request: streams.BatchAppendReq) => {
      answer(call, request);
    });
  };
  server.addService({ batchAppend: StreamsService.batchAppend }, { batchAppend });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  url = `esdb://127.0.0.1:${port}?tls=false`;
  client = connectEventStore(url);
  const call = appendCall(client);
  append = (more = {}) =>
    call({ stream: 'user-1', events: [event()], expected: 'any', deadlineMs: 1000, signal: never, ...more });
});
afterAll(async () => {
  await client.dispose();
  server.forceShutdown();
});
beforeEach(() => {
  answer = (call, request) => call.write(success(request));
});

const never = new AbortController().signal;
const event = () => ({ id: newId(), type: 'Painted', data: Buffer.from('{"at":1}'), metadata: Buffer.from('{}') });

const responseTo = (request: streams.BatchAppendReq) =>
  new streams.BatchAppendResp()
    .setCorrelationId(request.getCorrelationId())
    .setStreamIdentifier(request.getOptions()?.getStreamIdentifier());

function success(request: streams.BatchAppendReq, revision = 7): streams.BatchAppendResp {
  const position = new shared.AllStreamPosition().setCommitPosition('90').setPreparePosition('90');
  const made = new streams.BatchAppendResp.Success().setCurrentRevision(String(revision)).setPosition(position);
  return responseTo(request).setSuccess(made);
}

function refusal(request: streams.BatchAppendReq, name: string, details: Uint8Array): streams.BatchAppendResp {
  const packed = new anyPb.Any();
  packed.pack(details, `event_store.client.${name}`);
  return responseTo(request).setError(new statuses.Status().setDetails(packed));
}

describe('appends over one call', () => {
  it('are written as the protocol has it, and answered each for itself', async () => {
    const seen: streams.BatchAppendReq[] = [];
    answer = (call, request) => {
      seen.push(request);
      // The first is answered last.
      if (seen.length < 3) return;
      for (const one of seen.toReversed()) call.write(success(one, Number(one.getOptions()?.getStreamPosition())));
    };
    const before = calls.length;
    const all = [3n, 4n, 5n].map((expected) => append({ expected, stream: `user-${expected}` }));
    expect(await Promise.all(all)).toEqual([3n, 4n, 5n].map((revision) => ({ revision, position: 90n })));
    expect(calls.length - before).toBeLessThanOrEqual(1);
    const [message] = seen[0]?.getProposedMessagesList() ?? [];
    expect(message?.getMetadataMap().toArray()).toEqual([
      ['content-type', 'application/json'],
      ['type', 'Painted'],
    ]);
    expect(Buffer.from(message?.getData_asU8() ?? []).toString()).toBe('{"at":1}');
    expect(seen.map((request) => [request.getIsFinal(), request.getOptions()?.hasDeadline()])).toEqual(
      seen.map(() => [true, true]),
    );
    const names = seen.map((request) => request.getOptions()?.getStreamIdentifier()?.getStreamName_asU8() ?? []);
    expect(names.map((name) => Buffer.from(name).toString()).sort()).toEqual(['user-3', 'user-4', 'user-5']);
  });

  it('take a correlation id that comes back as two numbers, as stores send it', async () => {
    answer = (call, request) => {
      const hex = (request.getCorrelationId()?.getString() ?? '').replaceAll('-', '');
      const [most, least] = [hex.slice(0, 16), hex.slice(16)].map((half) => BigInt.asIntN(64, BigInt(`0x${half}`)));
      const structured = new shared.UUID.Structured()
        .setMostSignificantBits(String(most))
        .setLeastSignificantBits(String(least));
      call.write(success(request).setCorrelationId(new shared.UUID().setStructured(structured)));
    };
    // Of sixteen ids one begins with a zero, and half of them have a sign.
    for (let time = 0; time < 64; time += 1) expect(await append()).toMatchObject({ revision: 7n });
  });

  it('let go of an answer that nobody waits for', async () => {
    answer = (call, request) => {
      call.write(success(request).setCorrelationId(new shared.UUID().setString(newId())));
      call.write(success(request));
      call.write(success(request));
    };
    expect(await append()).toMatchObject({ position: 90n });
    expect(await append()).toMatchObject({ position: 90n });
  });

  it('are given up when they take too long, whatever is answered later', async () => {
    const held: (() => void)[] = [];
    answer = (call, request) => {
      held.push(() => call.write(success(request)));
    };
    const tooLong = new AbortController();
    const waiting = append({ signal: tooLong.signal });
    const another = append();
    await expect.poll(() => held.length).toBe(2);
    tooLong.abort();
    await expect(waiting).rejects.toThrow(EventStoreStalled);
    for (const write of held) write();
    expect(await another).toMatchObject({ revision: 7n });
  });

  it('are not begun when their time is over before there is a connection', async () => {
    const seen = calls.length;
    const signal = AbortSignal.abort();
    answer = () => {
      throw new Error('It was written.');
    };
    await expect(append({ signal })).rejects.toThrow(EventStoreStalled);
    expect(calls.length - seen).toBeLessThanOrEqual(1);
  });

  it.each([
    ['Timeout', true],
    ['Unknown', true],
    ['MaximumAppendSizeExceeded', false],
    ['StreamDeleted', false],
    ['AccessDenied', false],
  ])('say why the store refused: %s', async (name, outage) => {
    answer = (call, request) => call.write(refusal(request, name, new Uint8Array()));
    const error: unknown = await append().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppendRefused);
    expect([(error as AppendRefused).reason, isOutage(error)]).toEqual([name, outage]);
  });

  it('say where the stream is, when it is elsewhere', async () => {
    const at = new shared.WrongExpectedVersion().setCurrentStreamRevision('12');
    answer = (call, request) => call.write(refusal(request, 'WrongExpectedVersion', at.serializeBinary()));
    await expect(append()).rejects.toThrow(new WrongExpectedRevision('user-1 is at 12.'));
  });

  it('are told when the store ends the call, and go on over another', async () => {
    answer = (call) => call.end();
    const error: unknown = await append().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppendUnanswered);
    expect(isOutage(error)).toBe(true);
    answer = (call, request) => call.write(success(request));
    await expect.poll(() => append().catch(() => undefined)).toMatchObject({ revision: 7n });
  });

  it('do not lose what waits over one connection when another is lost', async () => {
    const other = connectEventStore(url);
    const overOther = appendCall(other);
    const held: { call: ServerCall; request: streams.BatchAppendReq }[] = [];
    answer = (call, request) => {
      held.push({ call, request });
    };
    const kept = append();
    await expect.poll(() => held.length).toBe(1);
    const lost = overOther({ stream: 'user-2', events: [event()], expected: 'any', deadlineMs: 1000, signal: never });
    await expect.poll(() => held.length).toBe(2);
    held[1]?.call.emit('error', { code: status.UNAVAILABLE, details: 'lost' });
    const error: unknown = await lost.catch((reason: unknown) => reason);
    expect(isOutage(error), String(error)).toBe(true);
    held[0]?.call.write(success(held[0].request));
    expect(await kept).toMatchObject({ revision: 7n });
    await other.dispose();
  });
});
