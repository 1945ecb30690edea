/** Of values in ascending order; `share` between 0 and 1. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

export const median = (values: readonly number[]): number => quantile(ascending(values), 0.5);

/** The lowest and the highest round, in words. */
export const spread = (values: readonly number[]): string => {
  const sorted = ascending(values);
  return `${rounded(sorted[0] ?? 0)} to ${rounded(sorted.at(-1) ?? 0)} in ${values.length} rounds`;
};

/** The medians of what was seen in each part of the time, so many parts, in words. */
export function spreadOver(seen: readonly (readonly [atMs: number, value: number])[], parts: number): string {
  const first = Math.min(...seen.map(([at]) => at));
  const part = (Math.max(...seen.map(([at]) => at)) - first + 1) / parts;
  const rounds = Array.from({ length: parts }, (_, n) =>
    seen.filter(([at]) => Math.floor((at - first) / part) === n).map(([, value]) => value),
  );
  return spread(rounds.filter(({ length }) => length > 0).map(median));
}

/** With three digits that count. */
export const rounded = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
