import type { Limit, LoginLimit } from '../application/limits.ts';

/** Failures are counted after the fact: only whoever comes after too many of them is refused. */
export const loginLimitOver = (failures: Limit): LoginLimit => ({
  blockedFor: (ip) => failures.blockedFor(ip),
  countFailure: async (ip) => {
    await failures.take(ip);
  },
});
