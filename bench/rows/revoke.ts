import type { Bench, Measurement } from '../bench.ts';
import { connections, failuresIn, medianOf, perSecond } from '../bench.ts';
import { lanesOf, ours, peerLanes, theirs } from '../fixture.ts';
import type { Lane, Outcome, Step } from '../load/job.ts';
import { peerSteps } from '../peer.ts';
import { loginSteps } from '../people.ts';
import { row } from '../row.ts';
import { median, rounded, spread } from '../statistics.ts';

const steps: readonly Step[] = [
  { method: 'DELETE', path: '/v1/session', headers: { authorization: 'Bearer {{accessToken}}' }, expect: 204 },
];
/** More than a round takes. */
const pace = { kind: 'closed', seconds: 120 } as const;

/** A session is ended once, so each round begins with new ones. */
export const revoke: Measurement = {
  name: 'revoke',
  run: async (bench) => {
    const { service, people } = await ours(bench);
    const other = await theirs(bench);
    const [mine, others]: [Outcome[], Outcome[]] = [[], []];
    const peer = peerSteps(other.peer.url);
    const signIn = peer.signIn.map((step) => ({ ...step, capture: { token: 'token' } }));
    for (let round = 0; round <= bench.size.rounds; round += 1) {
      const lanes = await begun(bench, service.apiUrl, loginSteps, lanesOf(people));
      mine.push(await bench.load.run({ url: service.apiUrl, steps, lanes, pace }));
      const theirLanes = await begun(bench, other.peer.url, signIn, peerLanes(other.people));
      others.push(await bench.load.run({ url: other.peer.url, steps: peer.revoke, lanes: theirLanes, pace }));
    }
    // The first round was the warm-up.
    const measured = mine.slice(1);
    const figures = perSecond(measured);
    const p95 = medianOf(measured, ({ latency }) => latency.p95);
    return [
      row(
        {
          name: `revoke, c=${connections}`,
          unit: '/s',
          ours: median(figures),
          against: { what: `${bench.peerName} revoke-session`, figure: median(perSecond(others.slice(1))) },
          note: `${spread(figures)}; p95 ${rounded(p95)} ms; ours: a durable event before the answer, refused from the next request on${failuresIn(measured)}`,
        },
        '≥ the peer',
        (_ours, ratio) => ratio >= 1,
      ),
    ];
  },
};

/** So many sessions for each, every one good for one operation. */
async function begun(bench: Bench, url: string, steps: readonly Step[], lanes: readonly Lane[]): Promise<Lane[]> {
  const times = bench.size.revocations;
  const many = lanes.map(({ sets: [set = {}] }) => ({ sets: Array.from({ length: times }, () => ({ ...set })) }));
  const outcome = await bench.load.run({ url, steps, lanes: many, pace: { kind: 'each', times }, patient: true });
  return outcome.lanes.map((lane) => ({ ...lane, once: true }));
}
