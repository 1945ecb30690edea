import { describeFailure } from './job-failure.ts';
import type { Logger } from './job.ts';

/** Milliseconds: quick at first, and never longer than a second, so that work resumes as soon as Redis is back. */
export function reconnectDelay(attempt: number): number {
  return Math.min(attempt * 50, 1000);
}

/** Says once that the queue has gone, and once that it is back, however many attempts lie between. */
export function outageLog(logger: Logger): { began: (error: unknown) => void; ended: () => void } {
  let away = false;
  return {
    began: (error) => {
      if (away) return;
      away = true;
      logger.warn({ failure: describeFailure(error).code }, 'the queue cannot be reached');
    },
    ended: () => {
      if (!away) return;
      away = false;
      logger.info({}, 'the queue is back');
    },
  };
}
