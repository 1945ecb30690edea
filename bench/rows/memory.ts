import type { Measurement } from '../bench.ts';
import { lanesOf, ours, peerLanes, theirs } from '../fixture.ts';
import type { Job } from '../load/job.ts';
import { watchAllMemory } from '../memory.ts';
import { peerSteps } from '../peer.ts';
import { loginSteps } from '../people.ts';
import { limit, row } from '../row.ts';
import { rounded } from '../statistics.ts';
import { authorizeSteps } from './authorize.ts';
import { freshSessions, refreshSteps } from './refresh.ts';
import { sessionCheckSteps } from './session-check.ts';

const loginsAtOnce = 8;
const others = ['projector', 'worker', 'event-store', 'postgres', 'redis'];

/** What each process holds while all that people do is asked for, one kind after the other. */
export const memory: Measurement = {
  name: 'memory',
  run: async (bench) => {
    const { service, people } = await ours(bench);
    const other = await theirs(bench);
    const { apiUrl: url } = service;
    const { url: peerUrl } = other.peer;
    const pace = { kind: 'closed', seconds: bench.size.seconds / 2 } as const;
    let lanes = await freshSessions(bench, url, people);
    const most = watchAllMemory();
    for (let round = 0; round < bench.size.rounds; round += 1) {
      const jobs: Job[] = [
        { url, steps: sessionCheckSteps, lanes, pace },
        { url, steps: authorizeSteps, lanes, pace },
        { url, steps: loginSteps, lanes: lanesOf(people.slice(0, loginsAtOnce)), pace },
        { url: peerUrl, steps: peerSteps(peerUrl).session, lanes: peerLanes(other.people), pace },
      ];
      for (const job of jobs) await bench.load.run(job);
      lanes = (await bench.load.run({ url, steps: refreshSteps, lanes, pace })).lanes;
    }
    const found = most();
    const note = 'resident, the most while sessions are checked and refreshed, rights asked for and people log in';
    const api = { unit: 'MB', ours: found['api'] ?? 0, note, name: 'api memory under load' };
    const against = { what: `${bench.peerName}, sessions checked`, figure: found['peer'] ?? 0 };
    return [
      row({ ...api, against }, '≤ 150 MB', (value) => value > 0 && value <= 150),
      ...others.map((name) => {
        const shared =
          name === 'postgres' ? '; all of its processes, what they share once; the peer too has its data there' : '';
        return limit({
          name: `memory: ${name}`,
          unit: 'MB',
          ours: found[name] ?? 0,
          note: `beside the api's ${rounded(api.ours)} MB${shared}`,
        });
      }),
    ];
  },
};
