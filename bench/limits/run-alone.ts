import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const pathOf = (file: string) => fileURLToPath(new URL(`./${file}`, import.meta.url));

/** Comparisons a second of bcrypt with nothing else in the process. */
export async function bcryptAlone(cost: number, seconds: number): Promise<number> {
  const args = ['--import', 'tsx', pathOf('bcrypt.ts'), '--cost', String(cost), '--seconds', String(seconds)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}

export async function pingServer(): Promise<{ url: string; stop: () => void }> {
  const child: ChildProcess = fork(pathOf('ping-server.ts'), { execArgv: ['--import', 'tsx'] });
  const [port] = (await once(child, 'message')) as [number];
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      child.disconnect();
    },
  };
}
