import type { z } from 'zod';

/** Everything the service does in the background goes through one queue; the job's name says what it is. */
export const queueName = 'jobs';

/** Adding an id that the queue still knows adds nothing: a repeated event is one job. Ids hold no ':'. */
export interface JobQueue {
  enqueue(
    name: string,
    payload: Readonly<Record<string, string | number>>,
    options: { jobId: string; delayMs?: number },
  ): Promise<void>;
}

/** Runs at least once: `run` must give the same result when repeated. Throws `InvalidPayload` before it does anything. */
export interface Job {
  readonly name: string;
  readonly run: (payload: unknown) => Promise<void>;
  /** Called once it has been tried for too long; until this succeeds the job is not given up. */
  readonly giveUp?: (payload: unknown) => Promise<void>;
}

/** The payload is parsed first. It carries ids only: Redis keeps it in the clear. */
export function defineJob<Payload>(
  name: string,
  payload: z.ZodType<Payload>,
  run: (payload: Payload) => Promise<unknown>,
): Job {
  return {
    name,
    run: async (data) => {
      const parsed = payload.safeParse(data);
      if (!parsed.success) throw new InvalidPayload(`${name}: the payload does not parse`);
      await run(parsed.data);
    },
  };
}

/** No repetition makes it right. */
export class InvalidPayload extends Error {
  override readonly name = 'InvalidPayload';
}

export interface JobMetrics {
  jobStarted(name: string): void;
  jobCompleted(name: string, seconds: number): void;
  /** `final`: it will not be tried again. */
  jobFailed(name: string, final: boolean): void;
  /** From the event's time in the store to its job in the queue. */
  eventToJobSeconds(seconds: number): void;
}

export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
