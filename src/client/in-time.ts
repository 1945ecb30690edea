/**
 * Ends within `ms`, whatever becomes of what was begun. The signal alone does not suffice: once the request of a `fetch` is
 * garbage-collected nobody listens to it any more, and a body that stops half-way would be waited for without end.
 */
export async function inTime<Result>(ms: number, run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const reason = new Error(`No answer within ${String(ms)} ms.`);
      limit.abort(reason);
      reject(reason);
    }, ms);
  });
  try {
    return await Promise.race([run(limit.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
