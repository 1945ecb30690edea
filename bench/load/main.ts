import type { Job } from './job.ts';
import { runJob } from './run-job.ts';

// The load client: a process of its own, the same one for all that is measured. Ends with whoever started it.
process.on('message', ({ number, job }: { number: number; job: Job }) => {
  void runJob(job).then(
    (outcome) => process.send?.({ number, outcome }),
    (error: unknown) => process.send?.({ number, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
