import fc from 'fast-check';

interface Span {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}

const start = Date.UTC(2026, 0, 1);

/** A moment so long after the beginning of 2026. */
export function moment({ days = 0, hours = 0, minutes = 0, seconds = 0 }: Span = {}): Date {
  return new Date(start + (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
}

/** The same as events keep it. */
export function at(span: Span = {}): string {
  return moment(span).toISOString();
}

export const anyTime = fc
  .date({ min: moment(), max: moment({ days: 400 }), noInvalidDate: true })
  .map((date) => date.toISOString());
