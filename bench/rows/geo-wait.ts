import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Measurement } from '../bench.ts';
import { lanesOf, ours } from '../fixture.ts';
import { loginSteps } from '../people.ts';
import { limit } from '../row.ts';
import { ascending, quantile, rounded, spreadOver } from '../statistics.ts';

const logins = 10;
const patienceMs = 10_000;

/** How long a login waits for the worker's verdict on its place: from the one event to the other in the store. */
export const geoWait: Measurement = {
  name: 'geo-wait',
  run: async ({ load, size, ...bench }) => {
    const { service, people } = await ours({ load, size, ...bench });
    const since = new Date();
    const outcome = await load.run({
      url: service.apiUrl,
      steps: loginSteps,
      lanes: lanesOf(people.slice(0, 8)),
      pace: { kind: 'open', seconds: size.seconds * size.rounds, perSecond: logins },
    });
    const seen = await waitsSince(service.installation.databaseUrl, since, outcome.done);
    const waits = ascending(seen.map(([, wait]) => wait));
    if (waits.length === 0) throw new Error('No login waited for a verdict.');
    const [p50, p95, p99] = [quantile(waits, 0.5), quantile(waits, 0.95), quantile(waits, 0.99)];
    const most = waits.at(-1) ?? 0;
    const note = `p95 ${rounded(p95)} ms, p99 ${rounded(p99)} ms, at most ${rounded(most)} ms; ${spreadOver(seen, size.rounds)}; ${waits.length} logins at ${logins} a second; whole milliseconds; the Geo-IP service is a sandbox on loopback`;
    return [limit({ name: 'login: wait for the verdict on the place, p50', unit: 'ms', ours: p50, note })];
  },
};

/** When each login began, and milliseconds from there until the next event of its stream, once the audit log has them. */
async function waitsSince(databaseUrl: string, since: Date, wanted: number): Promise<[number, number][]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const deadline = performance.now() + patienceMs; ;) {
      const { rows } = await client.query<{ at: Date; waited: string }>(
        `select started.recorded_at as at, extract(epoch from cleared.recorded_at - started.recorded_at) * 1000 as waited
         from read_model.audit_log started
         join read_model.audit_log cleared on cleared.stream = started.stream and cleared.revision = started.revision + 1
         where started.type = 'LoginStarted' and started.recorded_at >= $1`,
        [since],
      );
      if (rows.length >= wanted || performance.now() > deadline) {
        return rows.map(({ at, waited }) => [at.getTime(), Number(waited)]);
      }
      await pause(100);
    }
  } finally {
    await client.end();
  }
}
