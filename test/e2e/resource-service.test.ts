import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, copyFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, logIn, newPerson, type Grant } from './journey.ts';
import { startStack, type Stack } from './stack.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let stack: Stack;
let grant: Grant;
let sample: ChildProcess;
let url: string;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  stack = await startStack();
  closing.push(() => stack.stop());
  await newPerson(stack.client(), 'ada@example.com');
  grant = await logIn(stack.client(), 'ada@example.com');

  // As a service has it that has installed the package.
  const folder = await mkdtemp(join(tmpdir(), 'mbauth-sample-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'node_modules'));
  for (const name of await readdir(join(root, 'node_modules'))) {
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  await symlink(root, join(folder, 'node_modules', 'mbauth'));
  await copyFile(join(root, 'examples', 'resource-service.mjs'), join(folder, 'resource-service.mjs'));
  sample = spawn(process.execPath, ['resource-service.mjs'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], AUTH_URL: stack.apiUrl, AUTH_ISSUER: stack.publicUrl, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closing.push(async () => {
    const gone = once(sample, 'exit');
    sample.kill();
    await gone;
  });
  const [said] = (await once(sample.stdout ?? expect.fail(), 'data')) as [Buffer];
  url = `http://127.0.0.1:${/listening on (\d+)/.exec(said.toString())?.[1] ?? expect.fail(said.toString())}`;
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const asked = async (method: string, path: string, token = grant.accessToken) => {
  const response = await fetch(url + path, { method, headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
};

test('the sample lets who may pass, and nobody from the moment that the session has ended', async () => {
  expect(await asked('POST', '/sites')).toEqual({
    status: 201,
    body: { createdBy: 'Ada Example', team: 'Bridge Works' },
  });
  expect((await asked('GET', '/buttons')).body).toEqual({
    'site.create': true,
    'site.delete': true,
    'billing.manage': true,
  });
  expect(await asked('POST', '/sites', 'no.token')).toMatchObject({ status: 401 });
  expect((await call(stack.client(), 'DELETE', '/v1/session', { bearer: grant.accessToken })).status).toBe(204);
  expect(await asked('POST', '/sites')).toMatchObject({ status: 401, body: { type: 'urn:problem:session-revoked' } });
});
