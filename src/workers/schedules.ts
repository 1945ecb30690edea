import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { queueName, type Logger } from './job.ts';
import { pause } from './pause.ts';
import { outageLog, reconnectDelay } from './queue-connection.ts';
import { jobOptions } from './retry-policy.ts';

export type ScheduleName =
  'expire-sessions' | 'lapse-registrations' | 'sweep-credentials' | 'keep-erasures' | 'check-audit-log';

interface Schedule {
  readonly everyMs: number;
  /** Of one run; the next run is another chance. */
  readonly attempts: number;
}

const minute = 60_000;
const hour = 60 * minute;

/** What happens by the clock. One run at a time of each over all processes, since the queue makes the jobs. */
export const schedulesWith = (
  expiryCheckSeconds: number,
  auditCheckSeconds: number,
): Readonly<Record<ScheduleName, Schedule>> => ({
  'expire-sessions': { everyMs: expiryCheckSeconds * 1000, attempts: 1 },
  'lapse-registrations': { everyMs: hour, attempts: 5 },
  'sweep-credentials': { everyMs: 24 * hour, attempts: 8 },
  'check-audit-log': { everyMs: auditCheckSeconds * 1000, attempts: 1 },
  'keep-erasures': { everyMs: 24 * hour, attempts: 8 },
});

const checkedEveryMs = minute;
const closingMs = 2000;

/** Keeps the schedules in Redis, and puts them back when Redis has lost them. */
export function keepSchedules({
  redisUrl,
  prefix,
  logger,
  table,
}: {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly logger: Logger;
  readonly table: Readonly<Record<string, Schedule>>;
}): { close: () => Promise<void> } {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null, retryStrategy: reconnectDelay });
  const outage = outageLog(logger);
  connection.on('error', outage.began);
  const queue = new Queue(queueName, { connection, prefix });
  queue.on('error', outage.began);

  let looking: Promise<void> | undefined;
  const look = (): void => {
    looking ??= restore(queue, table)
      .catch(outage.began)
      .finally(() => {
        looking = undefined;
      });
  };
  connection.on('ready', () => {
    outage.ended();
    look();
  });
  const timer = setInterval(look, checkedEveryMs);
  return {
    close: async () => {
      clearInterval(timer);
      await Promise.race([looking, pause(closingMs, new AbortController().signal)]);
      connection.disconnect();
      await Promise.race([queue.close().catch(outage.began), pause(closingMs, new AbortController().signal)]);
    },
  };
}

/** Only what is missing or different: setting a schedule again would run it at once. */
async function restore(queue: Queue, table: Readonly<Record<string, Schedule>>): Promise<void> {
  for (const [name, { everyMs, attempts }] of Object.entries(table)) {
    const known = await queue.getJobScheduler(name);
    if (known?.every === everyMs) continue;
    const opts = { ...jobOptions, attempts, removeOnComplete: { count: 20 }, removeOnFail: { count: 100 } };
    await queue.upsertJobScheduler(name, { every: everyMs }, { name, data: {}, opts });
  }
}
