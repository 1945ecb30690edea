import type { Job } from '../job.ts';

/** Each mail's job, with the one of the same name that parks the mail for when it has been tried for too long. */
export function parkedInTheEnd<Name extends string>(
  jobs: Readonly<Record<Name, Job>>,
  parking: Readonly<Record<Name, Job>>,
): Job[] {
  const names = Object.keys(jobs) as Name[];
  return names.map((name) => ({ ...jobs[name], giveUp: parking[name].run }));
}
