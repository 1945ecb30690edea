import { z } from 'zod';
import type { Context, NewId } from '../../application/ports.ts';
import { defineJob, type Job } from '../job.ts';
import type { ScheduleName } from '../schedules.ts';

type UseCase = (request: Record<string, never>, context: Context) => Promise<unknown>;

export interface ScheduledUseCases {
  readonly expireSessions: UseCase;
  readonly lapseRegistrations: UseCase;
  readonly sweepCredentials: UseCase;
  readonly keepErasures: UseCase;
  readonly checkAuditLog: UseCase;
}

export function scheduledJobs(useCases: ScheduledUseCases, newId: NewId): Readonly<Record<ScheduleName, Job>> {
  const scheduled = (name: ScheduleName, useCase: UseCase) => scheduledJob(name, useCase, newId);
  return {
    'expire-sessions': scheduled('expire-sessions', useCases.expireSessions),
    'lapse-registrations': scheduled('lapse-registrations', useCases.lapseRegistrations),
    'sweep-credentials': scheduled('sweep-credentials', useCases.sweepCredentials),
    'check-audit-log': scheduled('check-audit-log', useCases.checkAuditLog),
    'keep-erasures': scheduled('keep-erasures', useCases.keepErasures),
  };
}

/** Nobody asked for it: the service is its own cause. */
export function scheduledJob(name: string, useCase: UseCase, newId: NewId): Job {
  return defineJob(name, z.strictObject({}), () => {
    const id = newId();
    return useCase({}, { actor: { kind: 'system' }, correlationId: id, causationId: id });
  });
}
