import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { watchMemory } from './memory.ts';
import { between, processorSeconds, watchProcess, type ByProcess } from './processes.ts';
import type { Installation } from './service.ts';

const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const lookEveryMs = 500;

export interface Taken {
  readonly seconds: number;
  readonly firstMb: number;
  readonly mostMb: number;
  readonly processor: ByProcess;
}

/** A command of the operators, in a process of its own. */
export async function commandTakes(
  { settings }: Installation,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Taken> {
  const [started, before] = [performance.now(), await processorSeconds()];
  const child = spawn(process.execPath, [cli, ...args], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
    signal,
  });
  child.on('error', () => undefined); // when it is aborted: then it exits too
  const unwatch = watchProcess('command', child.pid);
  const memory = await watchMemory(child.pid ?? 0);
  let processor = before;
  const looking = setInterval(() => {
    void processorSeconds().then((now) => (processor = now));
  }, lookEveryMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(looking);
  memory.stop();
  unwatch();
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`mbauth ${args.join(' ')} ended with ${code}.`);
  const seconds = (performance.now() - started) / 1000;
  return { seconds, firstMb: memory.first(), mostMb: memory.most(), processor: between(before, processor) };
}
