import { Unavailable } from '../application/ports.ts';
import type { ApiDependencies } from './dependencies.ts';
import { RequestProblem } from './problems.ts';
import { header, type RequestFacts } from './request-facts.ts';

const greatestPosition = 2n ** 64n - 1n;

/** Keeps a query back until the read models have seen what the client has seen; never answers from before it. */
export function readAfter({ waitForPosition }: Pick<ApiDependencies, 'waitForPosition'>) {
  return async ({ headers }: RequestFacts): Promise<void> => {
    const given = header(headers, 'read-after');
    if (given === undefined) return;
    const position = /^\d{1,20}$/.test(given) ? BigInt(given) : undefined;
    if (position === undefined || position > greatestPosition) {
      const detail = 'must be a position as Event-Position gives it';
      throw new RequestProblem('invalid-request', { errors: [{ pointer: '/header/Read-After', detail }] });
    }
    if (!(await waitForPosition(position))) throw new Unavailable('read-model');
  };
}
