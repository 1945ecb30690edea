import { Unavailable, type Dependency } from '../application/ports.ts';

/** For what can be done without: after so many milliseconds it counts as away, whatever comes of it later. */
export function inTime<Result>(what: Dependency, ms: number, run: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Unavailable(what));
    }, ms);
    run()
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
      });
  });
}
