import type { LoadClient } from './load/load-client.ts';
import type { Job, Outcome } from './load/job.ts';
import type { Row } from './row.ts';
import type { Stores } from './stores.ts';
import { median } from './statistics.ts';

/** What every row is given. */
export interface Bench {
  readonly stores: Stores;
  readonly load: Pick<LoadClient, 'run'>;
  readonly size: Size;
  /** Of the peer, with its version. */
  readonly peerName: string;
  /** What is measured once and used by several rows; what it opened is stopped at the end of the run. */
  once<Value>(key: string, make: () => Promise<Value>): Promise<Value>;
  atEnd(stop: () => Promise<void>): void;
  say(line: string): void;
}

export interface Size {
  readonly rounds: number;
  /** Of one round. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly events: number;
  /** From how many people to how many. */
  readonly users: readonly [number, number];
  /** Sessions of each of the 32 people that a round of revocations ends. */
  readonly revocations: number;
}

export interface Measurement {
  readonly name: string;
  /** Seconds on an idle machine after which it is given up, so that the others have their time; 240 when not set. */
  readonly limitSeconds?: number;
  readonly run: (bench: Bench) => Promise<readonly Row[]>;
}

export const connections = 32;

/** The rounds of each, alternating, so that whatever else the machine does falls on all of them alike. */
export async function interleaved<Name extends string>(
  { load, size }: Bench,
  jobs: Readonly<Record<Name, () => Job | Promise<Job>>>,
  { warmUp = true, rounds = size.rounds }: { warmUp?: boolean; rounds?: number } = {},
): Promise<Record<Name, Outcome[]>> {
  const names = Object.keys(jobs) as Name[];
  const outcomes = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Outcome[]>;
  for (const name of warmUp ? names : []) {
    await load.run({ ...(await jobs[name]()), pace: { kind: 'closed', seconds: size.warmUpSeconds } });
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) outcomes[name].push(await load.run(await jobs[name]()));
  }
  return outcomes;
}

export const perSecond = (outcomes: readonly Outcome[]): number[] => outcomes.map((outcome) => outcome.perSecond);

export const medianOf = (outcomes: readonly Outcome[], figure: (outcome: Outcome) => number): number =>
  median(outcomes.map(figure));

/** In words, so that a round with failures never looks like a clean one. */
export function failuresIn(outcomes: readonly Outcome[]): string {
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
  const first = outcomes.find(({ failure }) => failure !== null)?.failure;
  return failed === 0 ? '' : `; ${failed} failed, the first: ${first ?? ''}`;
}
