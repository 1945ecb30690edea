/** What something is compared with, measured in the same run. */
export interface Against {
  readonly what: string;
  readonly figure: number;
}

export interface Row {
  readonly name: string;
  readonly unit: string;
  /** `null` where it could not be measured: the note says why. */
  readonly ours: number | null;
  readonly against: Against | null;
  /** Ours through theirs. */
  readonly ratio: number | null;
  /** In words; `null` for a limit, which is measured so that others can be compared with it. */
  readonly goal: string | null;
  readonly met: boolean | null;
  /** What was done, how the two differ in it, the spread, and the reason for a goal missed. */
  readonly note: string;
}

interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly against?: Against;
  readonly note: string;
  /** What was seen of the reason; in the note where the goal is missed. */
  readonly because?: string;
}

/** A row with a goal. */
export function row(
  { name, unit, ours, against, note: said, because }: Measured,
  goal: string,
  met: (ours: number, ratio: number) => boolean,
): Row {
  const ratio = against === undefined || against.figure === 0 ? null : ours / against.figure;
  const isMet = met(ours, ratio ?? 0);
  const note = isMet || because === undefined ? said : `${said}; the reason: ${because}`;
  return { name, unit, ours, against: against ?? null, ratio, goal, met: isMet, note };
}

/** How fast something is that others rest on. */
export const limit = ({ name, unit, ours, note }: Measured): Row => ({
  name,
  unit,
  ours,
  against: null,
  ratio: null,
  goal: null,
  met: null,
  note,
});

/** What could not be measured, so that it is missed by whoever reads the table. */
export const unmeasured = (name: string, reason: string): Row => ({
  name,
  unit: '',
  ours: null,
  against: null,
  ratio: null,
  goal: 'to be measured',
  met: false,
  note: `failed: ${reason.replaceAll(/[\s|]+/g, ' ').slice(0, 300)}`,
});
