import { Counter, Gauge, type Registry } from 'prom-client';

import type { CircuitStatus } from './outage-guard.ts';

const circuitValues: Readonly<Record<CircuitStatus, number>> = { closed: 0, 'half-open': 1, open: 2 };

/** How the process stands with what it needs. */
export function outageMetrics(registers: Registry[]) {
  const circuits = new Gauge({
    name: 'mbauth_circuit_state',
    help: '0 while a dependency is asked, 1 while one call tries it again or the next one will, 2 while it is left alone',
    labelNames: ['dependency'],
    registers,
  });
  const undelivered = new Counter({
    name: 'mbauth_trace_spans_undelivered_total',
    help: 'Spans that were given up because the collector of traces did not take them',
    registers,
  });
  return {
    spansUndelivered: (spans: number) => {
      undelivered.inc(spans);
    },
    circuitState: (dependency: string, status: CircuitStatus) => {
      circuits.set({ dependency }, circuitValues[status]);
    },
  };
}
