import type { Pool } from 'pg';
import type { JobQueue } from '../../src/workers/job.ts';

/** Notes what is asked of a queue, and does something before the caller hears that it is done. */
export function watchedQueue(queue: JobQueue, before: () => Promise<void>) {
  const jobIds: string[] = [];
  const watched: JobQueue = {
    enqueue: async (name, payload, options) => {
      jobIds.push(options.jobId);
      await queue.enqueue(name, payload, options);
      await before();
    },
  };
  return { watched, jobIds };
}

/** Takes the jobs that it is told to, and is away for all others. */
export function choosyQueue(queue: JobQueue, takes: (jobId: string) => boolean, refusal: Error): JobQueue {
  return {
    enqueue: (name, payload, options) =>
      takes(options.jobId) ? queue.enqueue(name, payload, options) : Promise.reject(refusal),
  };
}

/** Ends the connection of the process that leads, as a crash of it would. */
export async function endLeader(pool: Pool): Promise<void> {
  await pool.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and pid <> pg_backend_pid()
       and database = (select oid from pg_database where datname = current_database())`,
  );
}
