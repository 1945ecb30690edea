import type { Measurement } from '../bench.ts';
import { failuresIn, medianOf, perSecond, processorOf } from '../bench.ts';
import { lanesOf, peerLanes } from '../fixture.ts';
import { bcryptAlone } from '../limits/run-alone.ts';
import type { Measured } from '../load/load-client.ts';
import { peerSteps, startPeer } from '../peer.ts';
import { loginSteps, makePeople } from '../people.ts';
import { row } from '../row.ts';
import { newInstallation, startService } from '../service.ts';
import { median, rounded, spread } from '../statistics.ts';

const cost = 12;
const atOnce = 8;

/** Whether anything but the hash holds up a login. A round is longer than elsewhere: there are few logins a second. */
export const loginThroughput: Measurement = {
  name: 'login-throughput',
  run: async (bench) => {
    const seconds = bench.size.seconds * 2;
    const service = await startService(await newInstallation(bench.stores, 'costly', { BCRYPT_COST: String(cost) }));
    const peer = await startPeer(bench.stores, cost, 'costly_peer');
    try {
      const pace = { kind: 'closed', seconds } as const;
      const people = await makePeople(service, atOnce);
      const theirs = await peer.people(atOnce);
      const job = { url: service.apiUrl, steps: loginSteps, lanes: lanesOf(people), pace };
      const peerJob = { url: peer.url, steps: peerSteps(peer.url).signIn, lanes: peerLanes(theirs), pace };
      const alone: number[] = [];
      const [mine, others]: [Measured[], Measured[]] = [[], []];
      for (let round = 0; round < bench.size.rounds; round += 1) {
        alone.push(await bcryptAlone(cost, seconds));
        mine.push(await bench.load.run(job));
        others.push(await bench.load.run(peerJob));
      }
      const figures = perSecond(mine);
      const peerRatio = medianOf(others, (outcome) => outcome.perSecond) / median(alone);
      const differ =
        'ours: a verdict on the place, a team and durable events more, and the client, projector and worker share the cores';
      return [
        row(
          {
            name: `login, c=${atOnce}, cost ${cost}`,
            unit: '/s',
            ours: median(figures),
            against: { what: 'bcrypt alone', figure: median(alone) },
            note: `${spread(figures)}; ${bench.peerName} ${rounded(peerRatio)} of the limit; ${differ}${failuresIn(mine)}`,
            because: processorOf(mine),
          },
          '≥ 0.95 of the limit',
          (_ours, ratio) => ratio >= 0.95,
        ),
      ];
    } finally {
      await Promise.all([service.stop(), peer.stop()]);
    }
  },
};
