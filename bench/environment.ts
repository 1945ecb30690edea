import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

/** On what the figures were measured; they say nothing about another machine. */
export interface Environment {
  readonly at: string;
  readonly commit: string;
  readonly node: string;
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly peer: string;
  readonly quick: boolean;
  readonly events: number;
  /** The rows that were asked for, where that was not all. */
  readonly only?: readonly string[];
}

export function environmentOf(run: Pick<Environment, 'at' | 'peer' | 'quick' | 'events' | 'only'>): Environment {
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout;
  return {
    ...run,
    commit: commit.trim(),
    node: process.version,
    system: `${process.platform} ${release()}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
  };
}
