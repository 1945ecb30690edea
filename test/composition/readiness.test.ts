import type { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { outageGuard } from '../../src/adapters/outage-guard.ts';
import { reachableDatabase } from '../../src/adapters/postgres-database.ts';
import { promMetrics } from '../../src/adapters/prom-metrics.ts';
import { readinessOf } from '../../src/composition/readiness.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

/** A service whose database and session store can be away, behind the circuits that the real ones have. */
function service() {
  const away = { database: false, sessions: false };
  const answer = (what: keyof typeof away) =>
    away[what] ? Promise.reject(new Error('connection refused')) : Promise.resolve({ rows: [] });
  const pool = { query: () => answer('database') } as unknown as Pool;
  const sessions = outageGuard('session-store');
  const ping = async () => {
    await sessions.run(() => answer('sessions'));
  };
  type Service = Parameters<typeof readinessOf>[0];
  const readiness = readinessOf({
    pool,
    readModels: reachableDatabase(pool),
    sessionCache: { ping, status: sessions.status } as Service['sessionCache'],
    eventStore: { readStream: () => Promise.resolve({}), status: () => 'closed' } as unknown as Service['eventStore'],
    mailer: { status: () => 'closed' } as unknown as Service['mailer'],
    geoIp: null,
    head: () => Promise.resolve(0n),
    metrics: promMetrics(),
  });
  /** As the vault does. */
  const useDatabase = () => reachableDatabase(pool).query('select 1');
  return { away, readiness, useDatabase, useSessions: ping };
}

describe.each(['database', 'sessions'] as const)('readiness after an outage of the %s', (what) => {
  it('waits until calls are let through again, and then comes back by itself', async () => {
    const { away, readiness, useDatabase, useSessions } = service();
    const use = what === 'database' ? useDatabase : useSessions;
    const dependency = what === 'database' ? 'database' : 'session-store';
    expect(await readiness()).toMatchObject({ ready: true });

    away[what] = true;
    for (let attempt = 1; attempt <= 5; attempt += 1) await expect(use()).rejects.toThrow('unavailable');
    away[what] = false;
    await expect(use()).rejects.toThrow('unavailable');
    expect(await readiness()).toMatchObject({
      ready: false,
      dependencies: { [dependency]: { status: 'down', circuit: 'open' } },
    });

    vi.setSystemTime(Date.now() + 1000);
    expect(await readiness()).toMatchObject({
      ready: true,
      dependencies: { [dependency]: { status: 'up', circuit: 'closed' } },
    });
    await expect(use()).resolves.not.toThrow();
  });
});
