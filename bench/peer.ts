import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { end, endWithUs, freePort, untilReady } from './service.ts';
import type { Step, Variables } from './load/job.ts';
import type { Stores } from './stores.ts';

/** What a panel would use instead, over the same stores. */
export interface Peer {
  readonly url: string;
  readonly pid: number;
  /** Signed up, signed in and in an organization of their own. */
  people(count: number): Promise<readonly PeerPerson[]>;
  readonly stop: () => Promise<void>;
}

export interface PeerPerson {
  readonly email: string;
  readonly cookie: string;
  readonly organizationId: string;
}

const folder = fileURLToPath(new URL('./peer/', import.meta.url));
const password = 'a river under the old bridge';

/** What the lock file says; the registry is asked only for what is not in npm's cache. */
export function installPeer(): void {
  const { status, stderr } = spawnSync('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The peer cannot be installed: ${stderr}`);
}

export async function peerVersion(): Promise<string> {
  const { dependencies } = JSON.parse(await readFile(`${folder}package.json`, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return `better-auth ${dependencies['better-auth'] ?? ''}`;
}

export async function startPeer(stores: Stores, cost: number, name: string): Promise<Peer> {
  const databaseUrl = await stores.newDatabase(name);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [`${folder}server.mjs`], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      REDIS_URL: stores.redisUrl,
      BCRYPT_COST: String(cost),
      PEER_SECRET: randomBytes(32).toString('base64'),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  endWithUs(child, 'peer');
  await untilReady(`${url}/api/auth/ok`, child);
  return {
    url,
    pid: child.pid ?? 0,
    people: (count) => Promise.all(Array.from({ length: count }, (_, n) => signUp(url, `ada.${n}@example.com`))),
    stop: () => end(child),
  };
}

async function signUp(url: string, email: string): Promise<PeerPerson> {
  const { cookie } = await call(url, '/sign-up/email', { email, password, name: 'Ada Example' });
  const slug = email.replaceAll(/[^a-z0-9]/g, '-');
  const { body } = await call(url, '/organization/create', { name: 'Bridge Works', slug }, cookie);
  const { id } = body as { id: string };
  await call(url, '/organization/set-active', { organizationId: id }, cookie);
  return { email, cookie, organizationId: id };
}

async function call(url: string, path: string, body: object, cookie = '') {
  const response = await fetch(`${url}/api/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, cookie },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The peer answered ${path} with ${response.status}: ${text}`);
  const set = response.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
  return { body: JSON.parse(text) as unknown, cookie: set.join('; ') };
}

export const peerVariables = (person: PeerPerson): Variables => ({ ...person });

const headersOf = (url: string) => ({ cookie: '{{cookie}}', origin: url });

export const peerSteps = (url: string) => {
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = headersOf(url)): Step => ({
    method: 'POST',
    path: `/api/auth${path}`,
    headers,
    body: JSON.stringify(body),
    expect: 200,
  });
  return {
    session: [{ method: 'GET', path: '/api/auth/get-session', headers: headersOf(url), expect: 200 }],
    permission: [post('/organization/has-permission', { permissions: { member: ['create'] } })],
    signIn: [post('/sign-in/email', { email: '{{email}}', password }, { origin: url })],
    revoke: [post('/revoke-session', { token: '{{token}}' })],
  };
};
