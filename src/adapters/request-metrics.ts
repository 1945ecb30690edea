import { Counter, Histogram, type Registry } from 'prom-client';

/** Seconds; fine where a login step is, coarse where a mail waits. */
export const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600];

export interface ObservedRequest {
  method: string;
  route: string;
  status: number;
  seconds: number;
}

/** What became of the requests, and how long it took. */
export function requestMetrics(registers: Registry[]) {
  const requests = new Histogram({
    name: 'mbauth_http_request_seconds',
    help: 'Duration of HTTP requests',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers,
  });
  const overloaded = new Counter({
    name: 'mbauth_http_overloaded_total',
    help: 'Requests that were told to come back because too many were under way',
    registers,
  });
  return {
    observeRequest: ({ method, route, status, seconds }: ObservedRequest) => {
      requests.observe({ method, route, status }, seconds);
    },
    /** All alike, at once. */
    requestsRefused: ({ method, route, status, seconds }: ObservedRequest, times: number) => {
      const series = requests.labels({ method, route, status });
      for (let nth = 0; nth < times; nth += 1) series.observe(seconds);
      overloaded.inc(times);
    },
  };
}
