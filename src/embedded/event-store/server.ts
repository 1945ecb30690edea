import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { OperationsService } from '@eventstore/db-client/generated/operations_grpc_pb.js';
import { PersistentSubscriptionsService } from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import { ProjectionsService } from '@eventstore/db-client/generated/projections_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { UsersService } from '@eventstore/db-client/generated/users_grpc_pb.js';
import { MonitoringService } from '@eventstore/db-client/generated/monitoring_grpc_pb.js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { EventStoreConfig } from './config.ts';
import { credentialCheck } from './credentials.ts';
import { supportedMethods } from './features.ts';
import { clusterInfo } from './gossip.ts';
import { answerHealth, healthService } from './health.ts';
import { outOfScope } from './out-of-scope.ts';
import type { ReadContext } from './pages.ts';
import { sendAhead } from './send-ahead.ts';
import { streamHandlers, type OpenCalls } from './stream-handlers.ts';
import type { Writer } from './writer.ts';

export interface EventStoreServer {
  readonly port: number;
  /** Refuses new calls and ends the open ones as soon as what they submitted is answered. */
  readonly drain: () => void;
  readonly close: () => void;
}

export interface ServerDependencies {
  readonly writer: Writer;
  readonly reads: ReadContext;
  readonly isAvailable: () => Promise<boolean>;
}

const maxReceivedBytes = 17 * 1024 * 1024;
const maxConcurrentCalls = 2000;

/** Starts to listen, and fails if the address is taken. */
export async function startServer(
  config: EventStoreConfig,
  dependencies: ServerDependencies,
): Promise<EventStoreServer> {
  const { writer, reads, isAvailable } = dependencies;
  const server = new Server({
    'grpc.max_receive_message_length': maxReceivedBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': maxConcurrentCalls,
    interceptors: [sendAhead],
  });
  const openCalls: OpenCalls = new Set();
  const instanceId = reads.newId();
  server.addService(...streamHandlers({ writer, reads, openCalls, check: credentialCheck(config.credentials) }));
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (_call: unknown, callback: (error: null, answer: unknown) => void) => {
      callback(null, supportedMethods());
    },
  });
  server.addService(GossipService, {
    read: (call: { getHost: () => string }, callback: (error: null, answer: unknown) => void) => {
      callback(null, clusterInfo(call.getHost(), instanceId, reads.now()));
    },
  });
  server.addService(healthService, { check: answerHealth(isAvailable) });
  server.addService(
    PersistentSubscriptionsService,
    outOfScope(PersistentSubscriptionsService, 'Persistent subscriptions'),
  );
  server.addService(ProjectionsService, outOfScope(ProjectionsService, 'Projections'));
  server.addService(OperationsService, outOfScope(OperationsService, 'Operations such as scavenging'));
  server.addService(UsersService, outOfScope(UsersService, 'Users'));
  server.addService(MonitoringService, outOfScope(MonitoringService, 'Statistics'));
  const port = await listen(server, config);
  return {
    port,
    drain: () => {
      for (const endCall of [...openCalls]) endCall();
    },
    close: () => {
      server.forceShutdown();
    },
  };
}

function listen(server: Server, { host, port, tls }: EventStoreConfig): Promise<number> {
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [{ cert_chain: tls.certificate, private_key: tls.key }]);
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new Error(`The event store cannot listen on ${address}: ${error.message}`));
    });
  });
}
