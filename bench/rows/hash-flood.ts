import type { Measurement } from '../bench.ts';
import { connections, failuresIn, medianOf } from '../bench.ts';
import { lanesOf } from '../fixture.ts';
import type { Lane, Outcome, Step } from '../load/job.ts';
import { makePeople } from '../people.ts';
import { row } from '../row.ts';
import { newInstallation, startService } from '../service.ts';
import { rounded, spread } from '../statistics.ts';
import { sessionCheckSteps } from './session-check.ts';

const cost = 12;
const checksPerSecond = 100;
const probesPerSecond = 50;
const strangersEach = 200;

const floodSteps: readonly Step[] = [
  {
    method: 'POST',
    path: '/v1/logins',
    headers: { 'x-forwarded-for': '{{ip}}' },
    body: JSON.stringify({ email: '{{email}}', password: 'a river under the old bridge' }),
    expect: 401,
  },
];
const probeSteps: readonly Step[] = [{ method: 'GET', path: '/livez', expect: 200 }];

/** Each from an address of its own, since one address may not fail for ever. */
const strangers: readonly Lane[] = Array.from({ length: connections }, (_, lane) => ({
  sets: Array.from({ length: strangersEach }, (_set, n) => ({
    ip: `198.18.${lane}.${n}`,
    email: `stranger.${lane}.${n}@example.com`,
  })),
}));

/** How sessions and probes fare while strangers ask for all the password checks that there can be. */
export const hashFlood: Measurement = {
  name: 'hash-flood',
  run: async ({ stores, load, size }) => {
    const service = await startService(await newInstallation(stores, 'flooded', { BCRYPT_COST: String(cost) }));
    try {
      const url = service.apiUrl;
      const lanes = lanesOf(await makePeople(service, 2));
      const checked: Outcome[] = [];
      const probed: Outcome[] = [];
      const flooded: Outcome[] = [];
      for (let round = 0; round < size.rounds; round += 1) {
        const open = (perSecond: number) => ({ kind: 'open', seconds: size.seconds, perSecond }) as const;
        const closed = { kind: 'closed', seconds: size.seconds } as const;
        const [flood, checks, probes] = await Promise.all([
          load.run({ url, steps: floodSteps, lanes: strangers, pace: closed }),
          load.run({ url, steps: sessionCheckSteps, lanes: [...lanes, ...lanes], pace: open(checksPerSecond) }),
          load.run({ url, steps: probeSteps, lanes: [{ sets: [{}] }], pace: open(probesPerSecond) }),
        ]);
        flooded.push(flood);
        checked.push(checks);
        probed.push(probes);
      }
      const p99 = medianOf(checked, ({ latency }) => latency.p99);
      const p50 = medianOf(checked, ({ latency }) => latency.p50);
      const livez = medianOf(probed, ({ latency }) => latency.p99);
      const hashes = medianOf(flooded, ({ perSecond }) => perSecond);
      const refused = medianOf(flooded, (outcome) => outcome.refused / size.seconds);
      const figures = checked.map(({ latency }) => latency.p99);
      return [
        row(
          {
            name: 'session check in a flood of logins, p99',
            unit: 'ms',
            ours: p99,
            note: `p50 ${rounded(p50)} ms; ${spread(figures)}; /livez p99 ${rounded(livez)} ms; ${connections} strangers at cost ${cost}: ${rounded(hashes)}/s checked, ${rounded(refused)}/s told to come back${failuresIn([...checked, ...probed])}`,
          },
          '≤ 100 ms',
          (value) => value <= 100,
        ),
      ];
    } finally {
      await service.stop();
    }
  },
};
