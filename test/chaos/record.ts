/** What the simulated people wrote down: the only thing besides the event log that the checker knows. */
export interface ChaosRecord {
  readonly deeds: Deed[];
  /** By the id that the sandbox gave each mail. */
  readonly mails: Map<string, RecordedMail>;
  /** What no client should meet, in words. */
  readonly oddities: string[];
}

export interface RecordedMail {
  readonly messageId: string;
  readonly tag: string;
}

/** One thing that somebody wanted, asked for as often as it took. */
export interface Deed {
  readonly name: string;
  /** Sent with every attempt. */
  readonly correlationId: string;
  readonly attempts: Attempt[];
  /** What the log has to hold once it is acknowledged. */
  expects: readonly Expected[];
  /** Types of events that a refusal may leave behind. */
  readonly mayLeave: readonly string[];
  /** Sessions that are over with the acknowledgement. */
  readonly ends: readonly string[];
}

/** Times are of one monotonic clock, in milliseconds. */
export interface Attempt {
  readonly askedAt: number;
  readonly answeredAt: number;
  /** `null`: no answer came. */
  readonly status: number | null;
  readonly problem?: string | undefined;
  readonly requestId?: string | undefined;
  readonly position?: string | undefined;
  /** Whose token it bore. */
  readonly sessionId?: string | undefined;
}

export interface Expected {
  /** One of them. */
  readonly types: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
  /** The event has to be of this very deed. */
  readonly own: boolean;
}

/** An event as it lies in the store. */
export interface RawEvent {
  readonly id: string;
  readonly type: string;
  /** Without the installation's prefix. */
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export const isAcknowledged = ({ status }: Attempt): boolean => status !== null && status >= 200 && status < 300;

/** It may come later: nothing is said about what happened. */
export const isUndecided = ({ status, problem }: Attempt): boolean =>
  status === null || status >= 500 || problem === 'conflict' || problem === 'idempotency-in-progress';

export const isRefused = (attempt: Attempt): boolean => !isUndecided(attempt) && (attempt.status ?? 0) >= 400;
