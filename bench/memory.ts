import { readFile } from 'node:fs/promises';

export interface MemoryWatch {
  /** The most since it began, in MB. */
  readonly most: () => number;
  /** The first look, in MB. */
  readonly first: () => number;
  readonly stop: () => void;
}

const lookEveryMs = 100;

/** Resident memory in MB, as Linux tells it. */
async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

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
