import { circuitsOf } from './circuits.ts';
import type { Service } from '../compose.ts';
import { alertsNow } from '../projections/alerts.ts';

type Sources = Pick<Service, 'metrics'> & Parameters<typeof circuitsOf>[0];

/** The text of `GET /metrics`, with the alerts as the read model has them: every process shows the same. */
export function liveMetrics(service: Sources): () => Promise<string> {
  const { metrics, readModels } = service;
  return async () => {
    // Without the database the last known levels stand.
    for (const { name, level } of await alertsNow(readModels).catch(() => [])) metrics.alertLevel(name, level);
    for (const [dependency, status] of circuitsOf(service)) metrics.circuitState(dependency, status);
    return metrics.text();
  };
}
