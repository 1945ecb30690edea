import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { residentMb } from '../../bench/processes.ts';
import { median } from '../../bench/statistics.ts';

const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const lookEveryMs = 100;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly seconds: number;
  /** MB, one look after the other. */
  readonly sizes: readonly number[];
}

/** `mbauth` in a process of its own; `interruptAt` is text of its output at which it gets SIGINT. */
export async function mbauth(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  interruptAt?: string,
): Promise<Ended> {
  const started = performance.now();
  const child = spawn(process.execPath, [cli, ...args], { env: { PATH: process.env['PATH'], ...settings } });
  const sizes = watchSize(child.pid ?? 0);
  let out = '';
  let interrupted = false;
  const take = (chunk: Buffer) => {
    out += chunk.toString();
    if (interrupted || interruptAt === undefined || !out.includes(interruptAt)) return;
    interrupted = child.kill('SIGINT');
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, seconds: (performance.now() - started) / 1000, sizes: sizes.end() };
}

/** Of a process, in MB, until it ends. */
export function watchSize(pid: number) {
  const sizes: number[] = [];
  const timer = setInterval(() => {
    void residentMb(pid).then((size) => size > 0 && sizes.push(size));
  }, lookEveryMs);
  return {
    end(): readonly number[] {
      clearInterval(timer);
      return sizes;
    },
  };
}

const leastQuarterMs = 5000;
/** The last quarter of a life may need so much more than the second: heaps breathe. */
const tolerated = 1.2;

/** Whether memory did not go with what was worked through. The first quarter is warming up: a short life says nothing. */
export function isFlat(sizes: readonly number[]): boolean {
  const part = Math.floor(sizes.length / 4);
  if (part * lookEveryMs < leastQuarterMs) return true;
  return median(sizes.slice(3 * part)) <= tolerated * median(sizes.slice(part, 2 * part));
}

export const inWords = (sizes: readonly number[]): string => {
  const at = (share: number) => Math.round(sizes[Math.floor(share * (sizes.length - 1))] ?? 0);
  return `${[0, 0.25, 0.5, 0.75, 1].map(at).join(', ')} MB, at most ${Math.round(Math.max(...sizes))}`;
};
