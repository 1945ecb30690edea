import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  handleWhen,
  IsolatedCircuitError,
  type IBreaker,
} from 'cockatiel';

import { Unavailable, type Dependency } from '../application/ports.ts';

export type CircuitStatus = 'closed' | 'half-open' | 'open';

/**
 * A circuit breaker: after five outages in a row, or one stall, calls fail at once, and one is let through every second;
 * while that one is under way the others still fail at once, so that nobody waits together with it. With a stall, all that
 * still wait are told as well: none of them would be answered any sooner.
 */
export interface OutageGuard {
  /** Outages become `Unavailable`; every other error passes as it is and counts as an answer. */
  readonly run: <Result>(call: () => Promise<Result>) => Promise<Result>;
  readonly status: () => CircuitStatus;
}

export interface OutageJudgement {
  readonly isOutage?: (error: unknown) => boolean;
  /** An outage that took the whole of a long time limit: whoever asks next would wait for as long. */
  readonly isStall?: (error: unknown) => boolean;
}

const halfOpenAfterMs = 1000;
const outagesUntilOpen = 5;
/** Nobody has asked for so long: the next one will try. */
const idleMs = 60_000;

export function outageGuard(what: Dependency, { isOutage = () => true, isStall }: OutageJudgement = {}): OutageGuard {
  const counter = outageCounter();
  const breaker = circuitBreaker(handleWhen(isOutage), { halfOpenAfter: halfOpenAfterMs, breaker: counter });
  let askedAt = 0;
  const waiting = new Set<(error: Unavailable) => void>();

  function stalled(): void {
    counter.stalled();
    for (const giveUp of waiting) giveUp(new Unavailable(what));
  }

  function untilGivenUp<Result>(call: () => Promise<Result>): Promise<Result> {
    if (isStall === undefined) return call();
    return new Promise((resolve, reject) => {
      waiting.add(reject);
      call()
        .then(resolve, (error: unknown) => {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a limit that is reached is thrown too, and is none
          reject(error);
          if (isStall(error)) stalled();
        })
        .finally(() => waiting.delete(reject));
    });
  }

  return {
    async run(call) {
      askedAt = Date.now();
      if (breaker.state === CircuitState.HalfOpen) throw new Unavailable(what);
      try {
        return await breaker.execute(() => untilGivenUp(call));
      } catch (error) {
        if (error instanceof Unavailable || !(isBroken(error) || isOutage(error))) throw error;
        throw new Unavailable(what, { cause: error });
      }
    },
    status: () => statusOf(breaker.state, Date.now() - askedAt),
  };
}

function statusOf(state: CircuitState, idleSinceMs: number): CircuitStatus {
  switch (state) {
    case CircuitState.Closed:
      return 'closed';
    case CircuitState.HalfOpen:
      return 'half-open';
    case CircuitState.Open:
    case CircuitState.Isolated:
      return idleSinceMs < idleMs ? 'open' : 'half-open';
  }
}

/** Outages in a row; a stall counts as many. */
function outageCounter(): IBreaker & { stalled(): void } {
  let inARow = 0;
  return {
    state: undefined,
    stalled: () => {
      inARow = outagesUntilOpen;
    },
    success: () => {
      inARow = 0;
    },
    failure: () => {
      inARow += 1;
      return inARow >= outagesUntilOpen;
    },
  };
}

function isBroken(error: unknown): boolean {
  return error instanceof BrokenCircuitError || error instanceof IsolatedCircuitError;
}
