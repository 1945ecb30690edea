import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accept } from './inviting.ts';
import { call, eventually, logIn, mailsTo, mailTo, newPerson, password, tokenIn, type Client } from './journey.ts';
import { startStack, type Stack } from './stack.ts';

const entry = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder: string;
const root = 'root@example.com';
let stack: Stack;
let operator: Client;
let operate: (path: string) => ReturnType<typeof call>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mbauth-e2e-proof-'));
  const often = { AUDIT_CHECKPOINT_SECONDS: '1', AUDIT_CHECK_SECONDS: '1', ALERT_CHECK_SECONDS: '1' };
  stack = await startStack({ env: { BOOTSTRAP_ADMIN_EMAIL: root, AUDIT_CHECKPOINT_DIR: folder, ...often } });
  operator = stack.client();
  const token = tokenIn(await mailTo(operator, root, 'invitation'));
  expect((await accept(operator, token, { name: 'Root Admin', password })).status).toBe(200);
  const { accessToken: bearer } = await logIn(operator, root);
  operate = (path) => call(operator, 'GET', path, { bearer });
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Without any setting of an installation. */
function mbauth(args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [entry, ...args], { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: stdout + stderr });
    });
  });
}

const isAuditMismatch = ({ name }: { name: string }) => name === 'audit-mismatch';

describe('the history', () => {
  it('is exported with proofs, and checked without the service', async () => {
    const client = stack.client();
    const email = 'ada.proof@example.org';
    await newPerson(client, email);
    const { accessToken: bearer } = await logIn(client, email);
    const ask = (path: string) => call(client, 'GET', path, { bearer });
    const events = await eventually(async () => {
      const { status, body } = await ask('/v1/audit/events?type=SessionStarted');
      expect([status, (body['items'] as unknown[]).length]).toEqual([200, 1]);
      return body['items'] as { eventId: string }[];
    });
    const eventId = events[0]?.eventId ?? '';
    const proven = await eventually(async () => {
      const answer = await ask(`/v1/audit/proofs/inclusion?eventId=${eventId}`);
      expect(answer.status).toBe(200);
      return answer.body;
    });
    await writeFile(join(folder, 'previous'), proven['checkpoint'] as string);
    const size = Number((proven['checkpoint'] as string).split('\n')[1]);
    const latest = await eventually(async () => {
      const { body } = await ask('/v1/audit/checkpoints/latest');
      expect(body['size']).toBeGreaterThan(size);
      return body;
    });
    expect((await ask(`/v1/audit/proofs/consistency?from=${size}&to=${String(latest['size'])}`)).status).toBe(200);
    expect((await ask('/v1/audit/checkpoints')).body['items']).toContainEqual(latest);
    await eventually(async () => {
      expect(await readFile(join(folder, 'latest.checkpoint'), 'utf8')).toMatch(/^localhost:\d+\n\d+\n/);
    });

    await writeFile(join(folder, 'key'), (await ask('/.well-known/audit-log-key')).body['text'] as string);
    const url = `${client.apiUrl}/v1/audit/export?previousSize=${size}`;
    const exported = await (await fetch(url, { headers: { authorization: `Bearer ${bearer}` } })).text();
    const file = join(folder, 'audit.ndjson');
    await writeFile(file, exported);
    const verify = ['audit', 'verify', file, '--key', join(folder, 'key'), '--previous', join(folder, 'previous')];
    expect(await mbauth(verify)).toMatchObject({ code: 0 });
    expect(exported).toContain(eventId);

    await writeFile(file, exported.replace('"SessionStarted"', '"SessionRevoked"'));
    const wrong = exported.slice(0, exported.indexOf('"SessionStarted"')).split('\n').length;
    const tampered = await mbauth(verify);
    expect([tampered.code, tampered.out]).toEqual([1, expect.stringContaining(`Line ${wrong} is wrong`)]);
    expect(await mbauth(['audit', 'verify', join(folder, 'none'), '--key', join(folder, 'key')])).toMatchObject({
      code: 2,
    });
    expect((await ask('/v1/audit/export?format=csv')).body['text']).toContain('"SessionStarted"');
  });

  it('is exported whole by the team that runs the platform, and shown to be complete', async () => {
    const key = join(folder, 'key');
    await writeFile(key, (await operate('/.well-known/audit-log-key')).body['text'] as string);
    const { body } = await operate('/v1/audit/export');
    const file = join(folder, 'whole.ndjson');
    await writeFile(file, body['text'] as string);
    const verified = await mbauth(['audit', 'verify', file, '--key', key]);
    expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('complete: every event')]);
    // An entry less is found.
    const lines = (body['text'] as string).split('\n');
    await writeFile(file, [...lines.slice(0, 3), ...lines.slice(4)].join('\n'));
    expect((await mbauth(['audit', 'verify', file, '--key', key])).code).toBe(1);
  });

  it('that somebody changed in a read model is found by the operator and by the service, until it is mended', async () => {
    const { database, servers, streamPrefix, redisPrefix, masterKey, publicUrl } = stack;
    const env = {
      EVENTSTORE_URL: servers.eventStore,
      DATABASE_URL: database.url,
      REDIS_URL: servers.redis,
      POSTMARK_SERVER_TOKEN: 'e2e',
      MASTER_KEY: masterKey,
      PUBLIC_URL: publicUrl,
      STREAM_PREFIX: streamPrefix,
      REDIS_PREFIX: redisPrefix,
    };
    expect(await mbauth(['audit', 'check'], env)).toMatchObject({ code: 0 });
    const alert = async () => ((await operate('/v1/alerts')).body['items'] as { name: string }[]).find(isAuditMismatch);
    expect(await alert()).toBeUndefined();
    const set = (from: string, to: string) =>
      database.pool.query('update read_model.audit_log set type = $2 where type = $1', [from, to]);
    await set('SessionStarted', 'SessionResumed');
    const found = await mbauth(['audit', 'check'], env);
    expect([found.code, found.out]).toEqual([1, expect.stringContaining('row-changed')]);
    await eventually(async () => {
      expect(await alert()).toMatchObject({ level: 'critical' });
    });
    expect((await mailTo(operator, root, 'alert-raised')).TextBody).toContain('not what was proven');
    await set('SessionResumed', 'SessionStarted');
    await eventually(async () => {
      expect(await alert()).toMatchObject({ level: null });
    });
    await mailTo(operator, root, 'alert-cleared');
    expect((await mailsTo(operator, root)).filter(({ Tag }) => Tag === 'alert-raised')).toHaveLength(1);
  });
});
