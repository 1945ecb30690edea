import { once } from 'node:events';
import type { Server } from 'node:http';
import { buildApp } from './api/app.ts';
import { httpServer } from './api/http-server.ts';
import type { ApiDependencies } from './api/dependencies.ts';
import type { Service } from './compose.ts';
import { permissionSeed } from './permission-seed.ts';
import { queriesOf } from './queries.ts';
import { projections } from './projections/all.ts';
import { readAfterMs } from './projections/directory.ts';
import { waitForPosition } from './projections/wait.ts';
import { readinessOf } from './readiness.ts';
import { PortTaken } from './start-error.ts';

const drainMs = 10_000;

export interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

/** Serves the API until stopped; requests under way are answered first. */
export async function runApi(service: Service, links: ApiDependencies['links']): Promise<Running> {
  const { config, readModels, metrics } = service;
  const names = projections.map(({ name }) => name);
  const app = buildApp({
    ...service,
    links,
    queries: queriesOf(service, await permissionSeed()),
    waitForPosition: (position) => waitForPosition(readModels, names, position, readAfterMs),
    trustProxy: config.TRUST_PROXY.split(',')
      .map((rule) => rule.trim())
      .filter((rule) => rule !== ''),
    readiness: readinessOf(service),
    metricsText: metrics.text,
    observeRequest: metrics.observeRequest,
  });
  return listen(httpServer(app), config.PORT, config.HOST);
}

export async function listen(server: Server, port: number, host: string): Promise<Running> {
  server.listen(port, host);
  await Promise.race([
    once(server, 'listening'),
    once(server, 'error').then(([error]) => Promise.reject(startError(error as NodeJS.ErrnoException, port))),
  ]);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const cutOff = setTimeout(() => {
        server.closeAllConnections();
      }, drainMs);
      await closed;
      clearTimeout(cutOff);
    },
  };
}

function startError(error: NodeJS.ErrnoException, port: number): Error {
  return error.code === 'EADDRINUSE' ? new PortTaken(port) : error;
}
