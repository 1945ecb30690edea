const againAfterMs = 1000;

/** Tries at once, and then each second until it succeeds: the log may not answer yet, and nothing waits for `work`. */
export function untilDone(work: () => Promise<unknown>, onFailure: (error: unknown) => void): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const attempt = () => {
    work().catch((error: unknown) => {
      if (stopped) return;
      onFailure(error);
      timer = setTimeout(attempt, againAfterMs);
    });
  };
  attempt();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
