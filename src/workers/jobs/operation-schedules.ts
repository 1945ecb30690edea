import type { Context, NewId } from '../../application/ports.ts';
import type { Job } from '../job.ts';
import { scheduledJob } from './scheduled.ts';

type UseCase = (request: Record<string, never>, context: Context) => Promise<unknown>;

export interface OperationSchedules {
  readonly evaluateAlerts: UseCase;
  readonly refreshVirtuozzo: UseCase;
  readonly resumeMail: UseCase;
  readonly keepRetention: UseCase;
}

type OperationScheduleName = 'evaluate-alerts' | 'refresh-virtuozzo' | 'resume-mail' | 'keep-retention';

const mailCheckMs = 30_000;
const retentionMs = 60 * 60_000;

/** A run that fails is not repeated: the next one is soon. */
export const operationSchedules = (settings: {
  readonly alertSeconds: number;
  readonly virtuozzoSeconds: number;
}): Readonly<Record<OperationScheduleName, { everyMs: number; attempts: number }>> => ({
  'evaluate-alerts': { everyMs: settings.alertSeconds * 1000, attempts: 1 },
  // A key is due by its own time; this only has to look often enough.
  'refresh-virtuozzo': { everyMs: Math.max(1000, (settings.virtuozzoSeconds * 1000) / 2), attempts: 1 },
  'resume-mail': { everyMs: mailCheckMs, attempts: 1 },
  'keep-retention': { everyMs: retentionMs, attempts: 1 },
});

export function operationScheduledJobs(
  useCases: OperationSchedules,
  newId: NewId,
): Readonly<Record<OperationScheduleName, Job>> {
  return {
    'evaluate-alerts': scheduledJob('evaluate-alerts', useCases.evaluateAlerts, newId),
    'refresh-virtuozzo': scheduledJob('refresh-virtuozzo', useCases.refreshVirtuozzo, newId),
    'resume-mail': scheduledJob('resume-mail', useCases.resumeMail, newId),
    'keep-retention': scheduledJob('keep-retention', useCases.keepRetention, newId),
  };
}
