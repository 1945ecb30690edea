import { growing } from './memory.ts';
import { isAcknowledged, isRefused, type Attempt } from './record.ts';
import type { ChaosOptions, ChaosResult } from './run.ts';

/** What a run came to, for whoever reads its output. */
export function said({ seed, seconds, people }: ChaosOptions, result: ChaosResult): string {
  const { events, record, struck, memory, found, tables } = result;
  const attempts = record.deeds.flatMap((deed) => deed.attempts);
  const count = (is: (attempt: Attempt) => boolean) => attempts.filter(is).length;
  const acknowledged = count(isAcknowledged);
  const refused = count(isRefused);
  return [
    `CHAOS_SEED=${seed}: ${people} people, ${seconds} s, ${struck.length} blows, ${attempts.length} requests`,
    `  ${acknowledged} acknowledged, ${refused} refused, ${attempts.length - acknowledged - refused} undecided; ` +
      `${events.length} events, ${record.mails.size} mails`,
    `  MiB ${memory.map(({ target, samples }) => `${target} ${fewOf(samples)}`).join(', ')}`,
    `  ${blowsIn(result)}`,
    `  ${counts(attempts.map(({ status, problem }) => problem ?? String(status)))}`,
    `  ${counts(record.deeds.map(({ name }) => name))}`,
    ...found.map(({ kind, about }) => `  FOUND ${kind}: ${about}`),
    ...growing(memory).map((about) => `  FOUND process that grows: ${about}`),
    ...tables.map((table) => `  FOUND read model differs from a rebuild: ${table}`),
    '',
  ].join('\n');
}

/** What all seeds of one call came to. */
export function summary(results: ReadonlyMap<number, ChaosResult | undefined>): string {
  const lines = [...results].map(([seed, result]) => {
    if (result === undefined) return `  ${seed}: did not come to its end`;
    const { events, record, found, tables, struck, memory } = result;
    const faults = found.length + tables.length + growing(memory).length;
    const requests = record.deeds.reduce((sum, { attempts }) => sum + attempts.length, 0);
    return `  ${seed}: ${faults} found; ${struck.length} blows, ${requests} requests, ${events.length} events`;
  });
  return ['CHAOS: all seeds', ...lines, ''].join('\n');
}

/** Of the longest life of a process, at most five of its sizes. */
function fewOf(samples: readonly number[]): string {
  const count = Math.min(5, samples.length);
  const chosen = Array.from(
    { length: count },
    (_, n) => samples[Math.round((n * (samples.length - 1)) / (count - 1 || 1))],
  );
  return chosen.join(' → ');
}

/** In the order of their beginning, with the seconds from the first request of all. */
function blowsIn({ struck, record }: ChaosResult): string {
  const start = record.deeds[0]?.attempts[0]?.askedAt ?? 0;
  const seconds = (at: number) => ((at - start) / 1000).toFixed(1);
  return struck
    .toSorted((one, other) => one.from - other.from)
    .map(({ target, how, from, to }) => `${how} ${target} ${seconds(from)}–${seconds(to)}`)
    .join(', ');
}

function counts(names: readonly string[]): string {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return [...found]
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
