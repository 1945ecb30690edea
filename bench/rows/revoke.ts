import type { Bench, Measurement } from '../bench.ts';
import { connections, failuresIn, medianOf, perSecond, processorOf } from '../bench.ts';
import { ours, theirs } from '../fixture.ts';
import type { Lane, Outcome, Step, Variables } from '../load/job.ts';
import type { Measured } from '../load/load-client.ts';
import { peerSteps, peerVariables } from '../peer.ts';
import { loginSteps, variablesOf } from '../people.ts';
import { row } from '../row.ts';
import { median, rounded, spread } from '../statistics.ts';
import { sessionCheckSteps } from './session-check.ts';

const steps: readonly Step[] = [
  { method: 'DELETE', path: '/v1/session', headers: { authorization: 'Bearer {{accessToken}}' }, expect: 204 },
];
/** The very next request on the same connection. */
const refusedSteps = [...steps, ...sessionCheckSteps.map((step) => ({ ...step, expect: 401 }))];
/** More than a round takes. */
const pace = { kind: 'closed', seconds: 60 } as const;
/** Logins under way while a round is prepared: more would be told to come back. */
const loginsAtOnce = 8;
/** For the preparation of one round: a machine that is slower at logins has rounds with fewer sessions. */
const prepareMs = 15_000;
const fewest = 2;

/** A session is ended once, so each round begins with new ones. */
export const revoke: Measurement = {
  name: 'revoke',
  limitSeconds: 300,
  run: async (bench) => {
    const { service, people } = await ours(bench);
    const other = await theirs(bench);
    const [mine, others]: [Measured[], Measured[]] = [[], []];
    const peer = peerSteps(other.peer.url);
    const beginning = { url: service.apiUrl, steps: loginSteps, made: 'accessToken' };
    const signingIn = {
      url: other.peer.url,
      steps: peer.signIn.map((step) => ({ ...step, capture: { token: 'token' } })),
      made: 'token',
    };
    let each = fewest;
    for (let round = 0; round <= bench.size.rounds; round += 1) {
      const started = performance.now();
      const lanes = await begun(bench, beginning, people.map(variablesOf), each);
      const affordable = Math.floor((prepareMs * each) / (performance.now() - started));
      mine.push(await bench.load.run({ url: service.apiUrl, steps, lanes, pace }));
      const theirLanes = await begun(bench, signingIn, other.people.map(peerVariables), each);
      others.push(await bench.load.run({ url: other.peer.url, steps: peer.revoke, lanes: theirLanes, pace }));
      each = Math.min(bench.size.revocations, Math.max(fewest, affordable));
    }
    const refused = await refusedAfter(
      bench,
      service.apiUrl,
      await begun(bench, beginning, people.map(variablesOf), 1),
    );
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
          note: `${spread(figures)}, of up to ${Math.max(...measured.map(({ done }) => done))} sessions each; p95 ${rounded(p95)} ms; ours: a durable event before the answer; refused on the very next request: ${refused.done} of ${refused.done + refused.failed} looked at${failuresIn(measured)}`,
          because: processorOf(measured),
        },
        '≥ the peer',
        (_ours, ratio) => ratio >= 1 && refused.failed === 0,
      ),
    ];
  },
};

const refusedAfter = ({ load }: Bench, url: string, lanes: readonly Lane[]): Promise<Outcome> =>
  load.run({ url, steps: refusedSteps, lanes, pace: { kind: 'each', times: 1 } });

interface Beginning {
  readonly url: string;
  readonly steps: readonly Step[];
  /** What each session is known by. */
  readonly made: string;
}

/** So many sessions for each, on a connection for each; every one is good for one operation. */
async function begun(
  { load }: Bench,
  { url, steps: beginSteps, made }: Beginning,
  everyone: readonly Variables[],
  times: number,
): Promise<Lane[]> {
  const loggingIn = Array.from({ length: loginsAtOnce }, (_, lane): Lane => {
    const own = everyone.filter((_one, n) => n % loginsAtOnce === lane);
    return { sets: own.flatMap((one) => Array.from({ length: times }, () => ({ ...one, [made]: '' }))) };
  });
  const turns = Math.max(...loggingIn.map(({ sets }) => sets.length));
  const paced = { kind: 'each', times: turns } as const;
  const { lanes } = await load.run({ url, steps: beginSteps, lanes: loggingIn, pace: paced, patient: true });
  const sessions = lanes.flatMap(({ sets }) => sets).filter((set) => set[made] !== '');
  return everyone.map(({ email }) => ({ sets: sessions.filter((set) => set['email'] === email), once: true }));
}
