import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { onLoopLoad } from '../api/loop-load.ts';
import { buildApp } from '../api/app.ts';
import { fastPath } from '../api/fast-path.ts';
import { closingOf, httpServer } from '../api/http-server.ts';
import type { ApiDependencies } from '../api/dependencies.ts';
import type { Service } from '../compose.ts';
import { liveMetrics } from './live-metrics.ts';
import { permissionSeed } from './permission-seed.ts';
import { queriesOf } from './queries.ts';
import { projections } from '../projections/all.ts';
import { readAfterMs } from '../projections/directory.ts';
import { waitForPosition } from '../projections/wait.ts';
import { readinessOf } from './readiness.ts';
import { webhookAuthorisation } from './webhook-authorisation.ts';
import { PortTaken } from '../start-error.ts';

/** For answers under way when nobody is let in any more. */
const drainMs = 10_000;

export interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Serves the API until stopped. First `/readyz` says so, for `drainSeconds` in which everything is still answered, so
 * that whoever spreads the requests sends them elsewhere; then nobody is let in any more, and what is under way is
 * answered.
 */
export async function runApi(service: Service, links: ApiDependencies['links'], drainSeconds = 0): Promise<Running> {
  const { config, readModels, metrics } = service;
  let draining = false;
  const readiness = readinessOf(service);
  const names = projections.map(({ name }) => name);
  const deps: ApiDependencies = {
    ...service,
    links,
    queries: queriesOf(service, await permissionSeed()),
    waitForPosition: (position) => waitForPosition(readModels, names, position, readAfterMs),
    trustProxy: config.TRUST_PROXY.split(',')
      .map((rule) => rule.trim())
      .filter((rule) => rule !== ''),
    readiness: async () => ({ ...(await readiness()), ...(draining && { ready: false }) }),
    admission: { onLoopLoad, refused: metrics.requestsRefused, hashQueue: config.HASH_QUEUE },
    metricsText: liveMetrics(service),
    webhookAuthorised: webhookAuthorisation(config),
    observeRequest: metrics.observeRequest,
  };
  const server = httpServer(fastPath(deps, buildApp(deps)));
  const closing = closingOf(server);
  const running = await listen(server, config.PORT, config.HOST);
  return {
    port: running.port,
    stop: async () => {
      draining = true;
      closing.afterAnswers();
      await pause(drainSeconds * 1000);
      const stopped = running.stop();
      closing.idle();
      await stopped;
    },
  };
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
