import { residentByProcess, residentMb, type ByProcess } from './processes.ts';

interface MemoryWatch {
  /** The most since it began, in MB. */
  readonly most: () => number;
  /** The first look, in MB. */
  readonly first: () => number;
  readonly stop: () => void;
}

const lookEveryMs = 100;

export async function watchMemory(pid: number): Promise<MemoryWatch> {
  const first = await residentMb(pid);
  let most = first;
  const timer = setInterval(() => {
    void residentMb(pid).then((now) => {
      most = Math.max(most, now);
    });
  }, lookEveryMs);
  return {
    first: () => first,
    most: () => most,
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** The most that each process had, in MB, until it is asked for. */
export function watchAllMemory(): () => ByProcess {
  const most: Record<string, number> = {};
  const timer = setInterval(() => {
    void residentByProcess().then((now) => {
      for (const [name, megabytes] of Object.entries(now)) most[name] = Math.max(most[name] ?? 0, megabytes);
    });
  }, lookEveryMs);
  return () => {
    clearInterval(timer);
    return most;
  };
}
