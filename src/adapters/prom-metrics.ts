import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Seconds; fine where a login step is, coarse where a mail waits. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600];

/** Everything that `GET /metrics` shows, one registry a process. No label holds a path, an address or an id. */
export function promMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { requests, jobs, eventToJob, parked, lag } = instruments([registry]);
  return {
    observeRequest: ({ method, route, status, seconds }: ObservedRequest) => {
      requests.observe({ method, route, status }, seconds);
    },
    jobStarted: (job: string) => {
      jobs.inc({ job, outcome: 'started' });
    },
    jobCompleted: (job: string) => {
      jobs.inc({ job, outcome: 'completed' });
    },
    jobFailed: (job: string) => {
      jobs.inc({ job, outcome: 'failed' });
    },
    eventToJobSeconds: (seconds: number) => {
      eventToJob.observe(seconds);
    },
    eventParked: (projection: string) => {
      parked.inc({ projection });
    },
    projectionLag: (projection: string, events: number) => {
      lag.set({ projection }, events);
    },
    text: () => registry.metrics(),
  };
}

const instruments = (registers: Registry[]) => ({
  requests: new Histogram({
    name: 'mbauth_http_request_seconds',
    help: 'Duration of HTTP requests',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers,
  }),
  jobs: new Counter({
    name: 'mbauth_jobs_total',
    help: 'Jobs by name and outcome',
    labelNames: ['job', 'outcome'],
    registers,
  }),
  eventToJob: new Histogram({
    name: 'mbauth_event_to_job_seconds',
    help: 'From an event being stored to its job being queued',
    buckets,
    registers,
  }),
  parked: new Counter({
    name: 'mbauth_projection_parked_total',
    help: 'Events that a projection could not apply and parked',
    labelNames: ['projection'],
    registers,
  }),
  lag: new Gauge({
    name: 'mbauth_projection_lag_events',
    help: 'Distance of a projection to the end of the log',
    labelNames: ['projection'],
    registers,
  }),
});

interface ObservedRequest {
  method: string;
  route: string;
  status: number;
  seconds: number;
}
