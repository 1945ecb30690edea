export const targets = [
  'api',
  'second-api',
  'worker',
  'projector',
  'event-store',
  'postgres',
  'redis',
  'mail',
  'geo-ip',
  'virtuozzo',
] as const;
export type Target = (typeof targets)[number];

/** `kill` is SIGKILL and a new start, `stop` is SIGSTOP and SIGCONT, `slow` is many short stops. */
export type Disturbance = 'kill' | 'stop' | 'slow';

export interface Blow {
  /** After the one before it is over, in milliseconds. */
  readonly afterMs: number;
  readonly target: Target;
  readonly how: Disturbance;
  /** How long it is away, stopped or slow, in milliseconds. */
  readonly forMs: number;
}

/** Times by `performance.now()`, in milliseconds. */
export interface Struck extends Blow {
  readonly from: number;
  readonly to: number;
}

const disturbances = ['kill', 'stop', 'slow'] as const;
/** Two things are down at once, never more: the processes in one lane, what they stand on in the other. */
const lanes: readonly (readonly Target[])[] = [
  ['api', 'second-api', 'worker', 'projector'],
  ['event-store', 'postgres', 'redis', 'mail', 'geo-ip', 'virtuozzo'],
];
const [shortestPauseMs, longestPauseMs] = [200, 1200];
const [shortestMs, longestMs] = [150, 2000];

/** Each target in each way once before any comes again; the same for the same randomness. */
export function scheduleOf(random: () => number, rounds: number): readonly (readonly Blow[])[] {
  return lanes.map((lane) =>
    Array.from({ length: rounds }, () =>
      shuffled(
        lane.flatMap((target) => disturbances.map((how) => ({ target, how }))),
        random,
      ).map((blow) => ({
        ...blow,
        afterMs: between(shortestPauseMs, longestPauseMs, random),
        forMs: between(shortestMs, longestMs, random),
      })),
    ).flat(),
  );
}

const between = (least: number, most: number, random: () => number) => Math.round(least + random() * (most - least));

function shuffled<T>(things: readonly T[], random: () => number): T[] {
  return things
    .map((thing) => ({ thing, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ thing }) => thing);
}
