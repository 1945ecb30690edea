/** And the milliseconds that it took. */
export async function timed<Value>(work: () => Promise<Value>): Promise<[Value, number]> {
  const started = performance.now();
  return [await work(), performance.now() - started];
}

export const quantileOf = (times: readonly number[], share: number) =>
  (times.toSorted((a, b) => a - b)[Math.floor(share * times.length)] ?? 0).toFixed(1);
export const perSecond = (count: number, seconds: number) => `${Math.round(count / seconds).toLocaleString('en')}/s`;

export const say = (line: string) => process.stdout.write(`  ${line}\n`);
