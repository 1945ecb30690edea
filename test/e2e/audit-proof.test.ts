import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, eventually, logIn, newPerson } from './journey.ts';
import { startStack, type Stack } from './stack.ts';

const entry = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder: string;
let stack: Stack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mbauth-e2e-proof-'));
  stack = await startStack({ env: { AUDIT_CHECKPOINT_SECONDS: '1', AUDIT_CHECKPOINT_DIR: folder } });
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

  it('that somebody changed in a read model is found by the operator', async () => {
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
    await database.pool.query(`update read_model.audit_log set type = 'SessionResumed' where type = 'SessionStarted'`);
    const found = await mbauth(['audit', 'check'], env);
    expect([found.code, found.out]).toEqual([1, expect.stringContaining('row-changed')]);
  });
});
