import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../e2e/journey.ts';
import { portsFor } from './free-port.ts';

/** A sandbox as a process of its own, so that it can be killed and stopped like everything else. */
export interface SandboxProcess {
  readonly url: string;
  pid(): number | undefined;
  /** On the same port; of what it knew, only mails are kept. */
  start(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export type Sandbox = 'mail' | 'geo-ip' | 'virtuozzo';

const built = (path: string) => new URL(`../../dist/embedded/${path}.js`, import.meta.url).href;
const starts: Readonly<Record<Sandbox, { module: string; start: string }>> = {
  mail: { module: built('mail-sandbox/start-mail-sandbox'), start: 'startMailSandbox' },
  'geo-ip': { module: built('geoip-sandbox/start-geoip-sandbox'), start: 'startGeoipSandbox' },
  virtuozzo: { module: built('virtuozzo-sandbox/start-virtuozzo-sandbox'), start: 'startVirtuozzoSandbox' },
};

const programOf = ({ module, start }: { module: string; start: string }) => `
import { randomUUID } from 'node:crypto';
const { ${start} } = await import(${JSON.stringify(module)});
const [folder, port] = process.argv.slice(-2);
await ${start}({ folder, port: Number(port), now: () => new Date(), newId: randomUUID });
`;

export async function startSandboxProcess(sandbox: Sandbox): Promise<SandboxProcess> {
  const folder = await mkdtemp(join(tmpdir(), `mbauth-${sandbox}-`));
  const { [sandbox]: port } = await portsFor([sandbox]);
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  process.once('exit', () => child?.kill('SIGKILL'));
  const start = async () => {
    const args = ['--input-type=module', '--eval', programOf(starts[sandbox]), '--', folder, String(port)];
    child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    await eventually(async () => (await fetch(`${url}/__control`)).json());
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
