import { auditChecking } from './compose-audit.ts';
import { bootstrap } from './bootstrap.ts';
import { parkEmail } from '../application/emails/park-email.ts';
import { sendEmail } from '../application/emails/send-email.ts';
import type { Context } from '../application/ports.ts';
import type { Service } from '../compose.ts';
import { seedCatalogue } from './seed-catalogue.ts';
import { followUpJobs } from '../workers/jobs/follow-ups.ts';
import { operationJobs } from '../workers/jobs/operation-jobs.ts';
import { operationScheduledJobs, operationSchedules } from '../workers/jobs/operation-schedules.ts';
import { mailJobs } from '../workers/jobs/mails.ts';
import { parkedInTheEnd } from '../workers/jobs/parked-in-the-end.ts';
import { scheduledJobs } from '../workers/jobs/scheduled.ts';
import { mailLanguages } from '../workers/mails/languages.ts';
import { runReactions } from '../workers/run-reactions.ts';
import { keepSchedules, schedulesWith } from '../workers/schedules.ts';
import { startWorker } from '../workers/start-worker.ts';
import { untilDone } from '../workers/until-done.ts';

/** Reactions, jobs and schedules until stopped; jobs under way are finished first. */
export function runWorker(service: Service): { stop(): Promise<void> } {
  const { config, connections, database, queue, useCases, newId } = service;
  const logger = service.logger.child({ process: 'worker' });
  const id = newId();
  const context: Context = { actor: { kind: 'system' }, correlationId: id, causationId: id };
  const waiting = (err: unknown) => {
    logger.warn({ err }, 'the permission catalogue and the platform team wait for the log');
  };
  const seeding = untilDone(async () => {
    await seedCatalogue({ ...service, logger }, context);
    await bootstrap(service, context, logger);
  }, waiting);

  const audit = auditChecking(service, logger);
  const sending = { ...service, mailGate: useCases.mailGate, mailAccepted: service.metrics.mailAccepted };
  const mailing = {
    ...service,
    sendEmail: sendEmail(sending),
    texts: mailLanguages[config.MAIL_LANGUAGE],
    alertMailTo: config.ALERT_MAIL_TO ?? config.BOOTSTRAP_ADMIN_EMAIL,
  };
  const jobs = [
    ...Object.values(followUpJobs(service.eventStore, useCases)),
    ...parkedInTheEnd(mailJobs(mailing), mailJobs({ ...mailing, sendEmail: parkEmail(service) })),
    ...Object.values(scheduledJobs({ ...useCases, checkAuditLog: audit.checkNextPart }, newId)),
    ...Object.values(operationJobs(service.eventStore, useCases, queue)),
    ...Object.values(operationScheduledJobs(useCases, newId)),
  ];
  const shared = { ...service, logger, redisUrl: connections.redisUrl, prefix: config.REDIS_PREFIX };
  const worker = startWorker({ ...shared, jobs, concurrency: config.WORKER_CONCURRENCY, random: Math.random });
  const reactions = runReactions({ ...shared, queue, pool: database(2) });
  const table = {
    ...schedulesWith(config.EXPIRY_CHECK_SECONDS, config.AUDIT_CHECK_SECONDS),
    ...operationSchedules({
      alertSeconds: config.ALERT_CHECK_SECONDS,
      virtuozzoSeconds: config.VIRTUOZZO_PROBE_SECONDS,
    }),
  };
  const schedules = keepSchedules({ ...shared, table });
  return {
    stop: async () => {
      seeding.stop();
      audit.stop();
      await reactions.stop();
      await schedules.close();
      await worker.close();
    },
  };
}
