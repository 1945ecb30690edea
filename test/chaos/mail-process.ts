import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../e2e/journey.ts';
import { portsFor } from '../e2e/servers.ts';

/** The mail sandbox as a process, so that it can be killed and stopped like everything else. */
export interface MailProcess {
  readonly url: string;
  pid(): number | undefined;
  start(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const sandbox = new URL('../../dist/embedded/mail-sandbox/start-mail-sandbox.js', import.meta.url).href;
const program = `
import { randomUUID } from 'node:crypto';
const { startMailSandbox } = await import(${JSON.stringify(sandbox)});
const [folder, port] = process.argv.slice(-2);
await startMailSandbox({ folder, port: Number(port), now: () => new Date(), newId: randomUUID });
`;

export async function startMailProcess(): Promise<MailProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'mbauth-chaos-mail-'));
  const { mail: port } = await portsFor(['mail']);
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  process.once('exit', () => child?.kill('SIGKILL'));
  const start = async () => {
    const args = ['--input-type=module', '--eval', program, '--', folder, String(port)];
    child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    await eventually(async () => (await fetch(`${url}/messages`)).json());
  };
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  await start();
  return {
    url,
    start,
    kill,
    pid: () => child?.pid,
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
