import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedService, type EmbeddedService } from './embedded-service.ts';
import { accept } from './inviting.ts';
import { call, eventually, logIn, mailTo, newPerson, startLogin, tokenIn, type Client, type Grant } from './journey.ts';

/** With a policy, read models are built from the log and from what the tree keeps. */
const retention = { RETENTION_EMAIL_DAYS: '30' };
const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const keeper = 'keeper@example.com';
const earlier = { email: 'earlier.gone@example.com', name: 'Earlier Gone' };
const later = { email: 'later.gone@example.com', name: 'Later Gone' };

let folder: string;
let former: EmbeddedService;
let restored: EmbeddedService | undefined;
let logKey: string;
let earlierGrant: Grant;
let laterGrant: Grant;
/** As an old backup of the vault has it. */
let keyBefore: { wrapped_key: Buffer; master_key_id: string };
const client = {} as Client;

const at = (service: EmbeddedService): Client => ({ apiUrl: service.apiUrl, mailboxUrl: service.mailboxUrl });
/** With the name of the log. */
const keyOfLog = async ({ apiUrl }: EmbeddedService) => (await fetch(`${apiUrl}/.well-known/audit-log-key`)).text();
const script = (name: string, ...args: string[]) => run(join(root, 'deploy', name), args);

async function mbauth(service: EmbeddedService, ...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], DATA_DIR: service.dataDir };
  return run(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...args], { env }).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      throw new Error((error as { stdout: string }).stdout, { cause: error });
    },
  );
}

async function sql<Row extends pg.QueryResultRow>(
  { dataDir }: EmbeddedService,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const { databaseUrl } = JSON.parse(await readFile(join(dataDir, 'connections.json'), 'utf8')) as {
    databaseUrl: string;
  };
  const connection = new pg.Client({ connectionString: databaseUrl });
  await connection.connect();
  try {
    return (await connection.query<Row>(text, values)).rows;
  } finally {
    await connection.end();
  }
}

async function member({ email, name }: typeof earlier, by: Grant): Promise<Grant> {
  const path = `/v1/teams/${by.session.teamId}`;
  const roles = await eventually(async () => {
    const { body } = await call(client, 'GET', `${path}/roles`, { bearer: by.accessToken });
    return body['items'] as { roleId: string; name: string }[];
  });
  const roleId = roles.find((role) => role.name === 'Developer')?.roleId;
  const invited = await call(client, 'POST', `${path}/invitations`, {
    body: { email, roleId },
    bearer: by.accessToken,
  });
  expect(invited.status, JSON.stringify(invited.body)).toBe(201);
  const own = at(former);
  const token = tokenIn(await mailTo(own, email, 'invitation'));
  const password = 'a river under the old bridge';
  expect((await accept(own, token, { name, password })).status).toBe(200);
  return logIn(own, email);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mbauth-backup-'));
  await run('chmod', ['711', folder]);
  former = await startEmbeddedService(retention);
  Object.assign(client, at(former));
  logKey = await keyOfLog(former);
  await newPerson(client, keeper);
  const grant = await logIn(client, keeper);
  earlierGrant = await member(earlier, grant);
  laterGrant = await member(later, grant);
  const [key] = await sql<typeof keyBefore>(
    former,
    'select wrapped_key, master_key_id from vault.subject_keys where subject = $1',
    [earlierGrant.session.userId],
  );
  keyBefore = key ?? expect.fail('the person has no key');
  const body = { password: 'a river under the old bridge' };
  const erased = await call(client, 'POST', '/v1/me/erase', { bearer: earlierGrant.accessToken, body });
  expect(erased.status, JSON.stringify(erased.body)).toBe(200);
});
afterAll(async () => {
  await former.remove();
  await restored?.remove();
  await rm(folder, { recursive: true, force: true });
});

describe('a backup of an embedded installation', () => {
  const backup = () => join(folder, 'backup.tar.gz');

  it('is refused while the service runs', async () => {
    await expect(script('backup.sh', former.dataDir, backup())).rejects.toThrow('the service runs; stop it first');
    await expect(stat(backup())).rejects.toThrow('ENOENT');
  });

  it('is one file for its owner alone, without the master key and without what is made again', async () => {
    expect(await former.stop()).toBe(0);
    await script('backup.sh', former.dataDir, backup());
    expect((await stat(backup())).mode & 0o777).toBe(0o600);
    const { stdout } = await run('tar', ['-tzf', backup()], { maxBuffer: 1 << 24 });
    const parts = new Set(stdout.split('\n').map((path) => path.split('/')[1]));
    expect([...parts].filter(Boolean)).toEqual(['postgres.password', 'audit-origin', 'postgres']);
    await expect(script('backup.sh', former.dataDir, backup())).rejects.toThrow('exists already');
  });

  it('is restored into a new folder, and people log in there with the passwords they had', async () => {
    const dataDir = join(folder, 'restored');
    await script('restore.sh', backup(), dataDir, join(former.dataDir, 'master.key'));
    await expect(script('restore.sh', backup(), dataDir, join(former.dataDir, 'master.key'))).rejects.toThrow(
      'exists already',
    );
    await former.remove();
    restored = await startEmbeddedService(retention, dataDir);
    Object.assign(client, at(restored));
    // Right after it was restored the database may answer late.
    const { accessToken } = await eventually(() => logIn(client, keeper), 30_000);
    const history = await call(client, 'GET', '/v1/audit/events?limit=100', { bearer: accessToken });
    const items = history.body['items'] as { type: string; summary: string }[];
    expect(items.map(({ type }) => type)).toContain('MemberLeft');
    expect(JSON.stringify(items)).toContain('Ada Example');
    expect(JSON.stringify(items)).not.toContain(earlier.name);
  });

  it('is the same log under another port', async () => {
    expect(logKey).toMatch(/^localhost:\d+\+/);
    await eventually(async () => {
      expect(await keyOfLog(restored ?? expect.fail())).toBe(logKey);
    });
  });

  it('passes the check of the whole log, and all read models can be built anew', async () => {
    const service = restored ?? expect.fail();
    await mbauth(service, 'audit', 'check');
    const policies = `select data->>'category' as category, data->>'days' as days from read_model.audit_log
      where type = 'RetentionSet'`;
    expect(await sql(service, policies)).toEqual([{ category: 'email', days: '30' }]);
    expect(await mbauth(service, 'projections', 'rebuild', '--all')).not.toContain(' NO');
  });

  it('leaves erased whom the log knows as erased, and forgets again who was erased after it', async () => {
    const service = restored ?? expect.fail();
    const [known, unknown] = [earlierGrant.session.userId, laterGrant.session.userId];
    // An older vault brings the key back.
    await sql(
      service,
      'update vault.subject_keys set wrapped_key = $2, master_key_id = $3, destroyed_at = null where subject = $1',
      [known, keyBefore.wrapped_key, keyBefore.master_key_id],
    );
    expect((await startLogin(client, later.email)).status).toBe(200);
    expect(await mbauth(service, 'erasure', 'reapply', unknown)).toContain(`${unknown} is erased`);
    const keys = await sql(service, 'select wrapped_key from vault.subject_keys where subject = any($1)', [
      [known, unknown],
    ]);
    expect(keys).toEqual([{ wrapped_key: null }, { wrapped_key: null }]);
    for (const { email } of [earlier, later]) expect((await startLogin(client, email)).status).toBe(401);
    await eventually(async () => {
      const listed = await mbauth(service, 'erasure', 'list');
      expect(listed.trim().split('\n').toSorted()).toEqual([known, unknown].toSorted());
    });
  });
});
