import type { EventStoreDBClient } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { makeGenericClientConstructor } from '@grpc/grpc-js';

import { connected, streamsService, type ReadCall } from './eventstoredb-connected.ts';
import { decodeReadResponse } from './eventstoredb-wire.ts';

const { Empty, StreamIdentifier } = shared;
const { ReadReq } = streams;
const Direction = ReadReq.Options.ReadDirection;
type Request = streams.ReadReq;

/** A checkpoint after this many considered events: what a restart has to look through again at most. */
const searchWindow = 500;
const checkpointInterval = 1;
/** Of the events of a stream: as many as the client asks for. */
const everything = String(Number.MAX_SAFE_INTEGER);

/** The client's own subscription makes several objects of every message before anybody sees it. */
const wireClient = makeGenericClientConstructor(
  { read: { ...StreamsService.read, responseDeserialize: decodeReadResponse } },
  streamsService,
);

/** Follows the events of streams with this prefix; the caller cancels the stream. */
export function readLog(client: EventStoreDBClient, prefix: string, after: bigint | 'start'): Promise<ReadCall> {
  return read(client, 'readLog', requestFor(prefix, after));
}

/** The events of one stream from a revision on, or its last one alone. */
export function readStream(client: EventStoreDBClient, name: string, from: bigint | 'last'): Promise<ReadCall> {
  return read(client, 'readStream', requestForStream(name, from));
}

/** Ends the call on the server; left alone it would leak. Not at once: a call that is still being started does not hear it. */
export function cancel(stream: ReadCall | undefined): void {
  setImmediate(() => stream?.cancel());
}

function read(client: EventStoreDBClient, name: string, request: Request): Promise<ReadCall> {
  const { GRPCStreamCreator, callArguments } = connected(client);
  return GRPCStreamCreator(wireClient, name, (service) =>
    service.read(request, ...callArguments({}, { deadline: Infinity })),
  )();
}

function requestForStream(name: string, from: bigint | 'last'): Request {
  const stream = new ReadReq.Options.StreamOptions();
  const identifier = new StreamIdentifier();
  identifier.setStreamName(Buffer.from(name));
  stream.setStreamIdentifier(identifier);
  if (from === 'last') stream.setEnd(new Empty());
  else stream.setRevision(String(from));
  const options = optionsFor(from === 'last' ? Direction.BACKWARDS : Direction.FORWARDS);
  options.setStream(stream);
  options.setCount(from === 'last' ? '1' : everything);
  options.setNoFilter(new Empty());
  return requestWith(options);
}

function requestFor(prefix: string, after: bigint | 'start'): Request {
  const all = new ReadReq.Options.AllOptions();
  if (after === 'start') all.setStart(new Empty());
  else {
    const position = new ReadReq.Options.Position();
    position.setCommitPosition(String(after));
    position.setPreparePosition(String(after));
    all.setPosition(position);
  }
  const names = new ReadReq.Options.FilterOptions.Expression();
  names.setPrefixList([prefix]);
  const filter = new ReadReq.Options.FilterOptions();
  filter.setStreamIdentifier(names);
  filter.setMax(searchWindow);
  filter.setCheckpointintervalmultiplier(checkpointInterval);
  const options = optionsFor(Direction.FORWARDS);
  options.setAll(all);
  options.setSubscription(new ReadReq.Options.SubscriptionOptions());
  options.setFilter(filter);
  return requestWith(options);
}

function optionsFor(direction: streams.ReadReq.Options.ReadDirection): streams.ReadReq.Options {
  const ids = new ReadReq.Options.UUIDOption();
  ids.setString(new Empty());
  const options = new ReadReq.Options();
  options.setReadDirection(direction);
  options.setResolveLinks(false);
  options.setUuidOption(ids);
  return options;
}

function requestWith(options: streams.ReadReq.Options): Request {
  const request = new ReadReq();
  request.setOptions(options);
  return request;
}
