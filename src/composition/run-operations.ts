import { createServer } from 'node:http';
import express from 'express';
import type { Service } from '../compose.ts';
import { liveMetrics } from './live-metrics.ts';
import { readinessOf } from './readiness.ts';
import { listen, type Running } from './run-api.ts';

/** `/livez`, `/readyz` and `/metrics` of a process that serves nothing else, on `METRICS_PORT`. */
export async function runOperations(service: Service): Promise<Running> {
  const readiness = readinessOf(service);
  const metricsText = liveMetrics(service);
  const app = express();
  app.disable('x-powered-by');
  app.get('/livez', (_request, response) => {
    response.status(204).end();
  });
  app.get('/readyz', async (_request, response) => {
    const { ready, dependencies } = await readiness();
    response.status(ready ? 200 : 503).json({ ready, dependencies });
  });
  app.get('/metrics', async (_request, response) => {
    response.type('text/plain').send(await metricsText());
  });
  return listen(createServer(app), service.config.METRICS_PORT ?? 0, service.config.HOST);
}
