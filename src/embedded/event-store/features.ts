import serverFeatures from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';

/** The generation of EventStoreDB whose answers this server gives. */
const serverVersion = '24.10.0';

const streams = 'event_store.client.streams.streams';
const persistentSubscriptions = 'event_store.client.persistent_subscriptions.persistentsubscriptions';
const streamAndAll = ['stream', 'all'];

/** Persistent subscriptions are listed so that the client asks over gRPC, where it is told that they are missing. */
const methods: readonly (readonly [service: string, method: string, features: string[]])[] = [
  [streams, 'read', ['position', 'events']],
  [streams, 'append', []],
  [streams, 'delete', []],
  [streams, 'tombstone', []],
  [streams, 'batchappend', ['deadline_duration']],
  ...['create', 'update', 'delete', 'read', 'getinfo', 'list', 'replayparked', 'restartsubsystem'].map(
    (method) => [persistentSubscriptions, method, streamAndAll] as const,
  ),
  ['event_store.client.gossip.gossip', 'read', []],
];

export function supportedMethods(): SupportedMethods {
  const answer = new serverFeatures.SupportedMethods().setEventStoreServerVersion(serverVersion);
  for (const [service, method, features] of methods) {
    const supported = new serverFeatures.SupportedMethod();
    answer.addMethods(
      supported
        .setServiceName(service)
        .setMethodName(method)
        .setFeaturesList([...features]),
    );
  }
  return answer;
}
