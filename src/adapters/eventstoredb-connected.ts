import type { EventStoreDBClient } from '@eventstore/db-client';
import type { CallOptions, Metadata, ServiceClientConstructor } from '@grpc/grpc-js';

/** What the client keeps for its own calls: the connection, with discovery, credentials and reconnection. */
interface ConnectedClient {
  /** With a cache, one call for as long as it and the connection last. */
  GRPCStreamCreator<Service, Call extends object>(
    service: ServiceClientConstructor,
    name: string,
    call: (service: Service) => Call,
    cache?: WeakMap<object, Call>,
  ): () => Promise<Call>;
  callArguments(options: object, callOptions: Partial<CallOptions>): [Metadata, Partial<CallOptions>];
}

export const connected = (client: EventStoreDBClient): ConnectedClient => client as unknown as ConnectedClient;

/** Of the calls to it. */
export const streamsService = 'event_store.client.streams.Streams';
