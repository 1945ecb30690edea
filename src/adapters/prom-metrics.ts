import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

import { operationInstruments } from './operation-instruments.ts';
import { outageMetrics } from './outage-metrics.ts';
import { buckets, requestMetrics } from './request-metrics.ts';

export type Metrics = ReturnType<typeof promMetrics>;

/** Everything that `GET /metrics` shows, one registry a process. No label holds a path, an address or an id. */
export function promMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { jobs, eventToJob, parked, lag, refusals, inMemory, audit } = instruments([registry]);
  const { mailDelivery, alertLevels } = operationInstruments([registry]);
  return {
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
    limitRefused: (limit: string) => {
      refusals.inc({ limit });
    },
    mailAccepted: (seconds: number) => {
      mailDelivery.observe(seconds);
    },
    alertLevel: (alert: string, level: 'warning' | 'critical' | null) => {
      alertLevels.set({ alert }, level === null ? 0 : level === 'warning' ? 1 : 2);
    },
    auditMismatchFound: (mismatch: string) => {
      audit.mismatches.inc({ mismatch });
    },
    auditSigningRefused: (yes: boolean) => {
      audit.refused.set(yes ? 1 : 0);
    },
    limitsInMemory: (yes: boolean) => {
      inMemory.set(yes ? 1 : 0);
    },
    ...outageMetrics([registry]),
    ...requestMetrics([registry]),
    text: () => registry.metrics(),
  };
}

const auditInstruments = (registers: Registry[]) => ({
  mismatches: new Counter({
    name: 'mbauth_audit_mismatches_total',
    help: 'What a check of the audit log found that should not be: any of them is an alert',
    labelNames: ['mismatch'],
    registers,
  }),
  refused: new Gauge({
    name: 'mbauth_audit_signing_refused',
    help: '1 while no checkpoint is signed because the log contradicts an earlier one',
    registers,
  }),
});

const instruments = (registers: Registry[]) => ({
  audit: auditInstruments(registers),
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
  refusals: new Counter({
    name: 'mbauth_limit_refusals_total',
    help: 'What was refused for coming too often, by limit',
    labelNames: ['limit'],
    registers,
  }),
  inMemory: new Gauge({
    name: 'mbauth_limits_in_memory',
    help: '1 while this process counts for itself because Redis does not answer',
    registers,
  }),
  lag: new Gauge({
    name: 'mbauth_projection_lag_events',
    help: 'Distance of a projection to the end of the log',
    labelNames: ['projection'],
    registers,
  }),
});
