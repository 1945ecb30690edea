import type { EventStoreDBClient } from '@eventstore/db-client';
import type { BatchAppendReq, BatchAppendResp, ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type {
  CallOptions,
  ClientDuplexStream,
  ClientReadableStream,
  Metadata,
  ServiceClientConstructor,
} from '@grpc/grpc-js';
import type { WireMessage } from './eventstoredb-wire.ts';

export type ReadCall = ClientReadableStream<WireMessage>;
export type AppendCall = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

/** The calls that we make ourselves, each of the service that has it. */
interface StreamsCalls {
  read(request: ReadReq, metadata: Metadata, options: Partial<CallOptions>): ReadCall;
  batchAppend(metadata: Metadata, options: Partial<CallOptions>): AppendCall;
}

/** What the client keeps for its own calls: the connection, with discovery, credentials and reconnection. */
interface ConnectedClient {
  /** With a cache, one call for as long as it and the connection last. */
  readonly GRPCStreamCreator: <Call extends object>(
    service: ServiceClientConstructor,
    name: string,
    call: (service: StreamsCalls) => Call,
    cache?: WeakMap<object, Call>,
  ) => () => Promise<Call>;
  readonly callArguments: (options: object, callOptions: Partial<CallOptions>) => [Metadata, Partial<CallOptions>];
}

export const connected = (client: EventStoreDBClient): ConnectedClient => client as unknown as ConnectedClient;

/** Of the calls to it. */
export const streamsService = 'event_store.client.streams.Streams';
