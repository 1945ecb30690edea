import { Unavailable } from './ports.ts';

/**
 * For steps that may fail in an outage without harm, such as bringing the cache of sessions up to date: while it is
 * away, sessions are checked in Postgres, and a reaction mends it afterwards. Rethrows everything else.
 */
export function onlyAnOutage(error: unknown): undefined {
  if (!(error instanceof Unavailable)) throw error;
}
