import { ascending, quantile } from '../../bench/statistics.ts';

/** And the milliseconds that it took. */
export async function timed<Value>(work: () => Promise<Value>): Promise<[Value, number]> {
  const started = performance.now();
  return [await work(), performance.now() - started];
}

export const quantileOf = (times: readonly number[], share: number) => quantile(ascending(times), share).toFixed(1);
export const perSecond = (count: number, seconds: number) => `${Math.round(count / seconds).toLocaleString('en')}/s`;

export const say = (line: string) => process.stdout.write(`  ${line}\n`);
