import { setTimeout as pause } from 'node:timers/promises';
import { pidOf, type Installation } from './downfall.ts';
import { residentMiB } from './process-tree.ts';
import { targets, type Target } from './schedule.ts';

/** Of the longest life that a process had in a run: MiB in use, one sample after the other. */
export interface Sizes {
  /** What the process is called. */
  readonly target: string;
  readonly samples: readonly number[];
}

const everyMs = 1000;

/** Looks at each process without what it started. A process that is killed begins anew, and so do its samples. */
export function watchMemory(about: Installation) {
  const lives = new Map<number, { target: Target; samples: number[] }>();
  const ended = new AbortController();
  const look = async () => {
    for (const target of targets) {
      const pid = pidOf(about, target);
      const size = pid === undefined ? undefined : await residentMiB(pid);
      if (pid === undefined || size === undefined) continue;
      const life = lives.get(pid) ?? { target, samples: [] };
      lives.set(pid, life);
      life.samples.push(size);
    }
  };
  const watched = (async () => {
    while (!ended.signal.aborted) {
      await look();
      await pause(everyMs);
    }
  })();
  return {
    async end(): Promise<readonly Sizes[]> {
      ended.abort();
      await watched;
      await look();
      return targets.map((target) => {
        const own = [...lives.values()].filter((life) => life.target === target).map(({ samples }) => samples);
        return { target, samples: own.toSorted((one, other) => other.length - one.length)[0] ?? [] };
      });
    },
  };
}

/** Samples of a process that is no longer warming up; with fewer nothing is said. */
const leastSamples = 240;
/** The last part of a life may be larger than the one before by so much: heaps breathe. */
const tolerated = 1.1;

/**
 * Processes that grow to the end of their lives. A life is cut into four: the first is warming up, and each of the others
 * has to be larger than the one before it for a process to count as growing. The median of a part stands for it, so that
 * a moment before a collection does not.
 */
export function growing(memory: readonly Sizes[]): string[] {
  return memory.flatMap(({ target, samples }) => {
    if (samples.length < leastSamples) return [];
    const part = Math.floor(samples.length / 4);
    const sizes = [1, 2, 3].map((number) => medianOf(samples.slice(number * part, (number + 1) * part)));
    const [second = 0, third = 0, last = 0] = sizes;
    const grows = third > second && last > third && last > second * tolerated;
    return grows ? [`${target}: ${sizes.join(' → ')} MiB`] : [];
  });
}

const medianOf = (samples: readonly number[]): number =>
  samples.toSorted((one, other) => one - other)[Math.floor(samples.length / 2)] ?? 0;
