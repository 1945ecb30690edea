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

/** With three digits that count. */
export const rounded = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
