import type { OperationQueries, OperationUseCases } from '../../src/api/operation-dependencies.ts';
import { id } from './fake-ids.ts';

const at = '2026-01-02T03:04:05.678Z';

export const operationUseCases: OperationUseCases = {
  recordEmailReport: () => Promise.resolve(true),
  retryEmail: () => Promise.resolve({ position: 101n }),
  linkVirtuozzo: () => Promise.resolve({ position: 102n }),
  unlinkVirtuozzo: () => Promise.resolve({ position: 103n }),
  showVirtuozzo: () => Promise.resolve({ method: 'password', since: at, state: 'outage', stateSince: at }),
  virtuozzoSession: () => Promise.resolve({ sessionKey: 'a key', obtainedAt: at, ageSeconds: 7, stale: true }),
};

export const operationQueries: OperationQueries = {
  alerts: () =>
    Promise.resolve([
      { name: 'email-failures', level: 'warning', value: 0.06, threshold: 0.05, raisedAt: at, clearedAt: null },
    ]),
  operationalFigures: () =>
    Promise.resolve({
      logins: { completed: 96, failed: 4, began: 100, flagged: 1, trusted: 80, coded: 20 },
      sessions: { ended: 10, endedNaturally: 9, averageSeconds: 1800.5 },
      refreshes: { all: 100, failed: 0 },
      resets: 3,
      mails: { all: 50, failed: 1 },
    }),
  emailDeliveries: () =>
    Promise.resolve({
      items: [
        {
          messageId: id(20),
          userId: id(1),
          email: 'a***@example.com',
          template: 'verification',
          status: 'parked',
          attempts: 12,
          reason: null,
          providerMessageId: null,
          firstAttemptAt: at,
          lastAttemptAt: at,
          endedAt: at,
          latencyMs: 86_400_000,
        },
      ],
    }),
};
