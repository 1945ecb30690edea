/** What the load client is asked for, and what it answers; both cross a process boundary as JSON. */

export type Variables = Readonly<Record<string, string>>;

/** `{{name}}` in path, headers and body stands for a variable of the lane. */
export interface Step {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Any other status is a failure. */
  readonly expect: number;
  /** Variables taken from the answer: a dotted path in its JSON body. */
  readonly capture?: Readonly<Record<string, string>>;
}

export interface Job {
  readonly url: string;
  /** One operation: what is counted and timed. */
  readonly steps: readonly Step[];
  /** One connection each, with its own variables. */
  readonly lanes: readonly Lane[];
  readonly pace: Pace;
  /** Asks again, when it is told to, whoever answers 503: to prepare what is measured, not to measure. */
  readonly patient?: boolean;
  /** Milliseconds after which an answer no longer counts as one. */
  readonly deadlineMs?: number;
  /** Keeps the position of each acknowledged command and when it was acknowledged. */
  readonly positions?: boolean;
}

export interface Lane {
  readonly sets: readonly Variables[];
  /** Each set is good for one operation; the lane ends with the last. Otherwise they come round again. */
  readonly once?: boolean;
}

/**
 * Closed: the next operation follows the one before. Open: operations are due at a fixed rate whatever the service
 * does, and their time counts from when they were due, so a stall is not left out by nobody asking during it.
 */
export type Pace =
  /** So many operations on each lane. */
  | { readonly kind: 'each'; readonly times: number }
  | { readonly kind: 'closed'; readonly seconds: number }
  | { readonly kind: 'open'; readonly seconds: number; readonly perSecond: number };

export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface Outcome {
  readonly done: number;
  readonly failed: number;
  /** Of the failed: told to come back by a 503. */
  readonly refused: number;
  /** The first failure, for whoever looks at it. */
  readonly failure: string | null;
  readonly perSecond: number;
  /** From its first operation to its last. */
  readonly seconds: number;
  /** Milliseconds. */
  readonly latency: Latency;
  /** The variables as they stand at the end, lane by lane. */
  readonly lanes: readonly Lane[];
  /** `[position, milliseconds since 1970]` */
  readonly positions: readonly (readonly [string, number])[];
}
