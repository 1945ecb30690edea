import type { Measure } from '../application/alerts/evaluate-alerts.ts';
import type { Clock } from '../application/ports.ts';
import { operationalFigures } from '../projections/operational-figures.ts';
import type { ReadModels } from '../projections/read-models.ts';

const windowMs = 3_600_000;

interface Sources {
  readModels: ReadModels;
  clock: Clock;
  mostFailuresFromOneAddress: () => Promise<number>;
  /** That left no event. */
  failedRefreshes: () => Promise<number>;
  isMailPaused: () => Promise<boolean>;
  isAuditWrong: () => Promise<boolean>;
}

/** What the alerts are about, over the last hour. A source that does not answer leaves its alerts as they are. */
export function alertMeasurements(sources: Sources): Measure {
  const { readModels, clock, mostFailuresFromOneAddress, failedRefreshes, isMailPaused, isAuditWrong } = sources;
  return async () => {
    const since = new Date(clock().getTime() - windowMs);
    const [figures, worst, unrecorded, paused, wrong] = await Promise.all([
      operationalFigures(readModels, since).catch(() => undefined),
      mostFailuresFromOneAddress().catch(() => undefined),
      failedRefreshes().catch(() => undefined),
      isMailPaused().catch(() => undefined),
      isAuditWrong().catch(() => undefined),
    ]);
    return {
      ...(worst !== undefined && { 'failed-logins-per-ip': { value: worst, samples: worst } }),
      ...(paused !== undefined && { 'mail-sending-paused': { value: paused ? 1 : 0, samples: 1 } }),
      ...(wrong !== undefined && { 'audit-mismatch': { value: wrong ? 1 : 0, samples: 1 } }),
      ...(figures && {
        'suspicious-logins': share(figures.logins.flagged, figures.logins.began),
        'email-failures': share(figures.mails.failed, figures.mails.all),
      }),
      ...(figures &&
        unrecorded !== undefined && {
          'session-errors': share(figures.refreshes.failed + unrecorded, figures.refreshes.all + unrecorded),
        }),
    };
  };
}

const share = (part: number, samples: number) => ({ value: samples === 0 ? 0 : part / samples, samples });
