import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  IsolatedCircuitError,
} from 'cockatiel';

import { Unavailable, type Dependency } from '../application/ports.ts';

export type CircuitStatus = 'closed' | 'half-open' | 'open';

/** A circuit breaker: after five outages in a row calls fail at once, and one is let through every second. */
export interface OutageGuard {
  /** Outages become `Unavailable`; every other error passes as it is and counts as an answer. */
  readonly run: <Result>(call: () => Promise<Result>) => Promise<Result>;
  readonly status: () => CircuitStatus;
}

const halfOpenAfterMs = 1000;
const outagesUntilOpen = 5;

export function outageGuard(what: Dependency, isOutage: (error: unknown) => boolean = () => true): OutageGuard {
  const breaker = circuitBreaker(handleWhen(isOutage), {
    halfOpenAfter: halfOpenAfterMs,
    breaker: new ConsecutiveBreaker(outagesUntilOpen),
  });
  return {
    async run(call) {
      try {
        return await breaker.execute(call);
      } catch (error) {
        if (error instanceof Unavailable || !(isBroken(error) || isOutage(error))) throw error;
        throw new Unavailable(what, { cause: error });
      }
    },
    status() {
      switch (breaker.state) {
        case CircuitState.Closed:
          return 'closed';
        case CircuitState.HalfOpen:
          return 'half-open';
        case CircuitState.Open:
        case CircuitState.Isolated:
          return 'open';
      }
    },
  };
}

function isBroken(error: unknown): boolean {
  return error instanceof BrokenCircuitError || error instanceof IsolatedCircuitError;
}
