import { cpus } from 'node:os';
import type { LoadClient, Measured } from './load/load-client.ts';
import type { Job, Outcome } from './load/job.ts';
import { total, type ByProcess } from './processes.ts';
import type { Row } from './row.ts';
import type { Stores } from './stores.ts';
import { median, rounded } from './statistics.ts';

/** What every row is given. */
export interface Bench {
  readonly stores: Stores;
  readonly load: Pick<LoadClient, 'run'>;
  readonly size: Size;
  /** Of the peer, with its version. */
  readonly peerName: string;
  /** Aborted when the row has taken too long: what it does besides load is to end then. */
  readonly signal: AbortSignal;
  /** What is made once and used by several rows; made anew after a row that failed. */
  once<Value>(key: string, make: () => Promise<Value>): Promise<Value>;
  /** Of the run, or after a row that failed. */
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
  /** Sessions of each of the 32 people that a round of revocations ends at the most. */
  readonly revocations: number;
  /** Of each kind in a round, whose effect elsewhere is waited for. */
  readonly changes: number;
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
): Promise<Record<Name, Measured[]>> {
  const names = Object.keys(jobs) as Name[];
  const outcomes = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Measured[]>;
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

/** Who took the machine's time in these rounds: what there is to gain where, when a goal is missed. */
export function processorOf(outcomes: readonly Measured[]): string {
  const taken: Record<string, number> = {};
  for (const { processor } of outcomes) {
    for (const [name, seconds] of Object.entries(processor)) taken[name] = (taken[name] ?? 0) + seconds;
  }
  return sharesOf(
    taken,
    outcomes.reduce((sum, { seconds }) => sum + seconds, 0),
  );
}

/** In words, the most first; what is less than a hundredth is left out. */
export function sharesOf(taken: ByProcess, seconds: number): string {
  const all = total(taken);
  if (all === 0 || seconds === 0) return 'processor time not known';
  const shares = Object.entries(taken)
    .map(([name, own]) => [name, Math.round((own / all) * 100)] as const)
    .filter(([, share]) => share >= 1)
    .sort(([, a], [, b]) => b - a)
    .map(([name, share]) => `${name} ${share} %`);
  return `${rounded(all / seconds)} of ${cpus().length} cores busy: ${shares.join(', ')}`;
}
