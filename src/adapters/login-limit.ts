import type { Limit, LoginLimit } from '../application/limits.ts';
import type { LoginWatch } from './redis-login-watch.ts';

/**
 * Failures are counted after the fact: only whoever comes after too many of them is refused. The watch sees those that
 * are refused too: they are what an attack is made of.
 */
export const loginLimitOver = (failures: Limit, watch?: Pick<LoginWatch, 'failed'>): LoginLimit => ({
  blockedFor: async (ip) => {
    const seconds = await failures.blockedFor(ip);
    if (seconds > 0) watch?.failed(ip);
    return seconds;
  },
  countFailure: async (ip) => {
    watch?.failed(ip);
    await failures.take(ip);
  },
});
