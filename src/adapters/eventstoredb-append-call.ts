import { randomUUID } from 'node:crypto';
import type { EventStoreDBClient } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { makeGenericClientConstructor } from '@grpc/grpc-js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import timestamps from 'google-protobuf/google/protobuf/timestamp_pb.js';

import { WrongExpectedRevision, type StreamRevision } from '../application/ports.ts';
import { connected, streamsService, type AppendCall } from './eventstoredb-connected.ts';
import { AppendRefused, AppendUnanswered, EventStoreStalled } from './eventstoredb-errors.ts';

const { BatchAppendReq } = streams;
const { StreamIdentifier, UUID, WrongExpectedVersion } = shared;

/** Written out, so that a repetition is the identical batch. */
export interface AppendedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

export interface Append {
  /** With the prefix of the installation. */
  readonly stream: string;
  readonly events: readonly AppendedEvent[];
  readonly expected: StreamRevision | 'any';
  /** After which the store does not begin with it any more. */
  readonly deadlineMs: number;
  /** Aborted when it has taken too long. */
  readonly signal: AbortSignal;
}

export interface Appended {
  readonly revision: bigint;
  readonly position: bigint;
}

interface Waiting {
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: Error) => void;
}

/** Of one call, by correlation id. */
interface Pending {
  readonly waiting: Map<string, Waiting>;
  isOver: boolean;
}

const appendClient = makeGenericClientConstructor({ batchAppend: StreamsService.batchAppend }, streamsService);

/**
 * Appends over one long call that carries many, over the connection of the client. The client's own keeps what waits in
 * one table for all calls there ever were: where the connection is lost, an answer over the new call finds its entry
 * gone with the old one, and ends the process. Here each call has its own, and an answer that nobody waits for is let go.
 *
 * Throws `WrongExpectedRevision`, `AppendRefused`, `AppendUnanswered`, `EventStoreStalled`, and what the call ends with.
 */
export function appendCall(client: EventStoreDBClient): (append: Append) => Promise<Appended> {
  const calls = new WeakMap<object, AppendCall>();
  const pendingOf = new WeakMap<AppendCall, Pending>();
  const { GRPCStreamCreator, callArguments } = connected(client);
  const open = GRPCStreamCreator(
    appendClient,
    'appendToStream',
    (service) => {
      const call = service.batchAppend(...callArguments({}, { deadline: Infinity }));
      pendingOf.set(call, follow(call));
      return call;
    },
    calls,
  );

  return async (append) => {
    const call = await open();
    const pending = pendingOf.get(call);
    if (pending === undefined || pending.isOver) throw new AppendUnanswered('The call to the store has ended.');
    // Where it was opened only after the time for that, nothing may take effect any more.
    if (append.signal.aborted) throw new EventStoreStalled('No connection to append over.');
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      pending.waiting.set(id, { resolve, reject });
      append.signal.addEventListener('abort', () => {
        if (pending.waiting.delete(id)) reject(new EventStoreStalled('No answer to an append.'));
      });
      // What it may hold back is bounded by how many commands are let in at once.
      call.write(requestFor(id, append));
    });
  };
}

function follow(call: AppendCall): Pending {
  const pending: Pending = { waiting: new Map(), isOver: false };
  const end = (error: Error) => {
    pending.isOver = true;
    for (const { reject } of pending.waiting.values()) reject(error);
    pending.waiting.clear();
  };
  call.on('data', (answer: streams.BatchAppendResp) => {
    const id = idIn(answer.getCorrelationId());
    const waiting = pending.waiting.get(id);
    pending.waiting.delete(id);
    if (waiting) settle(waiting, answer);
  });
  call.on('error', end);
  call.on('end', () => {
    end(new AppendUnanswered('The store has ended the call.'));
    call.end();
  });
  return pending;
}

function settle({ resolve, reject }: Waiting, answer: streams.BatchAppendResp): void {
  const success = answer.getSuccess();
  if (success === undefined) {
    reject(refusalIn(answer));
    return;
  }
  const position = success.getPosition()?.getCommitPosition();
  if (position === undefined) reject(new Error('The event store gave no position for an append.'));
  else resolve({ revision: BigInt(success.getCurrentRevision()), position: BigInt(position) });
}

const package_ = 'event_store.client.';

function refusalIn(answer: streams.BatchAppendResp): Error {
  const details = answer.getError()?.getDetails();
  const reason = details?.getTypeName().replace(package_, '') ?? 'nothing';
  if (reason !== 'WrongExpectedVersion') return new AppendRefused(reason);
  const version = details?.unpack(
    (bytes) => WrongExpectedVersion.deserializeBinary(bytes),
    `${package_}WrongExpectedVersion`,
  );
  const actual = version?.hasCurrentStreamRevision() ? version.getCurrentStreamRevision() : 'no-stream';
  const stream = Buffer.from(answer.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
  return new WrongExpectedRevision(`${stream} is at ${actual}.`);
}

function requestFor(id: string, { stream, events, expected, deadlineMs }: Append): streams.BatchAppendReq {
  const options = new BatchAppendReq.Options()
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(stream)))
    .setDeadline(timestamps.Timestamp.fromDate(new Date(Date.now() + deadlineMs)));
  if (expected === 'any') options.setAny(new empty.Empty());
  else if (expected === 'no-stream') options.setNoStream(new empty.Empty());
  else options.setStreamPosition(String(expected));
  return new BatchAppendReq()
    .setCorrelationId(new UUID().setString(id))
    .setOptions(options)
    .setProposedMessagesList(events.map(messageOf))
    .setIsFinal(true);
}

function messageOf({ id, type, data, metadata }: AppendedEvent): streams.BatchAppendReq.ProposedMessage {
  const message = new BatchAppendReq.ProposedMessage()
    .setId(new UUID().setString(id))
    .setData(data)
    .setCustomMetadata(metadata);
  message.getMetadataMap().set('type', type).set('content-type', 'application/json');
  return message;
}

/** As text; stores send it as two numbers of 64 bits with a sign. */
function idIn(uuid: shared.UUID | undefined): string {
  const structured = uuid?.getStructured();
  if (structured === undefined) return uuid?.getString() ?? '';
  const hex = [structured.getMostSignificantBits(), structured.getLeastSignificantBits()]
    .map((bits) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
