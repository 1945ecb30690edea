import { sendEmail } from './application/emails/send-email.ts';
import type { Context } from './application/ports.ts';
import type { Service } from './compose.ts';
import { permissionSeed } from './permission-seed.ts';
import { followUpJobs } from './workers/jobs/follow-ups.ts';
import { mailJobs } from './workers/jobs/mails.ts';
import { scheduledJobs } from './workers/jobs/scheduled.ts';
import { mailLanguages } from './workers/mails/languages.ts';
import { runReactions } from './workers/run-reactions.ts';
import { keepSchedules, schedulesWith } from './workers/schedules.ts';
import { startWorker } from './workers/start-worker.ts';

/** Reactions, jobs and schedules until stopped; jobs under way are finished first. */
export function runWorker(service: Service): { stop(): Promise<void> } {
  const { config, connections, database, queue, useCases, newId } = service;
  const logger = service.logger.child({ process: 'worker' });
  const id = newId();
  const context: Context = { actor: { kind: 'system' }, correlationId: id, causationId: id };
  const seeding = seedUntilDone(() => permissionSeed().then((seed) => useCases.seedPermissions(seed, context)));

  const mailing = { ...service, sendEmail: sendEmail(service), texts: mailLanguages[config.MAIL_LANGUAGE] };
  const jobs = [
    ...Object.values(followUpJobs(service.eventStore, useCases)),
    ...Object.values(mailJobs(mailing)),
    ...Object.values(scheduledJobs(useCases, newId)),
  ];
  const shared = { ...service, logger, redisUrl: connections.redisUrl, prefix: config.REDIS_PREFIX };
  const worker = startWorker({ ...shared, jobs, concurrency: config.WORKER_CONCURRENCY, random: Math.random });
  const reactions = runReactions({ ...shared, queue, pool: database(2) });
  const schedules = keepSchedules({ ...shared, table: schedulesWith(config.EXPIRY_CHECK_SECONDS) });
  return {
    stop: async () => {
      seeding.stop();
      await reactions.stop();
      await schedules.close();
      await worker.close();
    },
  };

  /** The log may not answer yet; nothing waits for the catalogue. */
  function seedUntilDone(seed: () => Promise<void>): { stop(): void } {
    let timer: NodeJS.Timeout | undefined;
    const attempt = () => {
      seed().catch((error: unknown) => {
        logger.warn({ err: error }, 'the permission catalogue waits for the log');
        timer = setTimeout(attempt, 1000);
      });
    };
    attempt();
    return {
      stop: () => {
        clearTimeout(timer);
      },
    };
  }
}
