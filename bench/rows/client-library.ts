import { createAuthClient } from '../../src/client/create-auth-client.ts';
import type { Measurement } from '../bench.ts';
import { ours } from '../fixture.ts';
import { row } from '../row.ts';
import { median, spread } from '../statistics.ts';
import { freshSessions } from './refresh.ts';

const checks = 20_000;

/** What a resource service pays for a request with a token that it has seen before. */
export const clientLibrary: Measurement = {
  name: 'client-library',
  run: async (bench) => {
    const { service, people } = await ours(bench);
    const [lane] = await freshSessions(bench, service.apiUrl, people.slice(0, 1));
    const token = lane?.sets[0]?.['accessToken'] ?? '';
    const client = createAuthClient({ baseUrl: service.apiUrl, stalenessSeconds: 60 });
    const figures: number[] = [];
    for (let round = 0; round <= bench.size.rounds; round += 1) {
      await client.authorize(token, ['site.create']);
      const started = performance.now();
      for (let n = 0; n < checks; n += 1) await client.authorize(token, ['site.create']);
      figures.push((checks * 1000) / (performance.now() - started));
    }
    const measured = figures.slice(1);
    return [
      row(
        {
          name: 'client library, token seen before',
          unit: '/s',
          ours: median(measured),
          note: `${spread(measured)}; one after the other: signature, expiry, session and one permission out of its caches`,
        },
        '≥ 100,000/s',
        (value) => value >= 100_000,
      ),
    ];
  },
};
