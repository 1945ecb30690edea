import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, eventually, logIn, newPerson, startLogin, type Answer, type Client, type Grant } from './journey.ts';
import { startStack, type Stack } from './stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ env: { SESSIONS_PER_USER: '3' } });
});
afterAll(() => stack.stop());

const address = (): string => `${randomUUID()}@example.com`;
const problemOf = ({ body }: Answer) => String(body['type']).replace('urn:problem:', '');
const itemsOf = ({ body }: Answer) => body['items'] as Record<string, unknown>[];

/** Somebody with a session on the device that registered. */
async function somebody(email = address()): Promise<{ email: string; client: Client; grant: Grant }> {
  const client = stack.client();
  await newPerson(client, email);
  return { email, client, grant: await logIn(client, email) };
}

/** As their session sees it, once the read models show what has happened. */
const get = (client: Client, bearer: string, path: string, after?: Answer) => {
  const position = after?.headers.get('event-position');
  const headers: Record<string, string> = position ? { 'read-after': position } : {};
  return call(client, 'GET', path, { bearer, headers });
};

describe('devices', () => {
  it('are listed, and removing one ends its trust and its sessions', async () => {
    const { email, client, grant } = await somebody();
    const phone = stack.client();
    const onPhone = await logIn(phone, email);

    const devices = await eventually(async () => {
      const found = itemsOf(await get(client, grant.accessToken, '/v1/devices'));
      expect(found).toHaveLength(2);
      return found;
    });
    expect(devices.filter(({ current }) => current)).toHaveLength(1);
    const other = devices.find(({ current }) => current === false) ?? expect.fail();

    const path = `/v1/devices/${String(other['deviceId'])}`;
    const removed = await call(client, 'DELETE', path, { bearer: grant.accessToken });
    expect(removed.status).toBe(204);
    const refused = await get(phone, onPhone.accessToken, '/v1/session');
    expect([refused.status, problemOf(refused)]).toEqual([401, 'session-revoked']);
    expect((await get(client, grant.accessToken, '/v1/session')).status).toBe(200);
    expect(itemsOf(await get(client, grant.accessToken, '/v1/devices', removed))).toHaveLength(1);

    expect((await call(client, 'DELETE', path, { bearer: grant.accessToken })).status).toBe(204);
    const unknown = await call(client, 'DELETE', `/v1/devices/${randomUUID()}`, { bearer: grant.accessToken });
    expect(unknown.status).toBe(404);
    expect((await startLogin(phone, email)).body['status']).toBe('device-approval-required');
  });

  it('of others cannot be removed', async () => {
    const [ada, eve] = [await somebody(), await somebody()];
    const [device] = itemsOf(await get(ada.client, ada.grant.accessToken, '/v1/devices'));
    const path = `/v1/devices/${String(device?.['deviceId'])}`;
    expect((await call(eve.client, 'DELETE', path, { bearer: eve.grant.accessToken })).status).toBe(404);
    expect((await startLogin(ada.client, ada.email)).body['status']).not.toBe('device-approval-required');
  });

  it('removed while a login on them was under way give it no session', async () => {
    const { email, client, grant } = await somebody();
    const step = await startLogin(client, email);
    const { loginId, loginToken, teams } = step.body as { loginId: string; loginToken: string; teams: unknown[] };
    const [device] = itemsOf(await get(client, grant.accessToken, '/v1/devices'));
    await call(client, 'DELETE', `/v1/devices/${String(device?.['deviceId'])}`, { bearer: grant.accessToken });
    const [team] = teams as { teamId: string }[];
    const answer = await call(client, 'POST', `/v1/logins/${loginId}/team`, {
      bearer: loginToken,
      body: team && { teamId: team.teamId },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body).not.toHaveProperty('accessToken');
  });
});

describe('sessions', () => {
  it('are listed with when they were last seen, and ended from another one', async () => {
    const { email, client, grant } = await somebody();
    const other = await logIn(stack.client(), email);
    const listed = await eventually(async () => {
      const found = itemsOf(await get(client, grant.accessToken, '/v1/sessions'));
      expect(found).toHaveLength(2);
      return found;
    });
    expect(listed.find(({ current }) => current)).toMatchObject({
      sessionId: grant.session.sessionId,
      lastSeenAt: expect.any(String) as string,
    });

    const path = `/v1/sessions/${other.session.sessionId}`;
    expect((await call(client, 'DELETE', path, { bearer: grant.accessToken })).status).toBe(204);
    expect(problemOf(await get(client, other.accessToken, '/v1/session'))).toBe('session-revoked');
    expect((await call(client, 'DELETE', path, { bearer: grant.accessToken })).status).toBe(204);
  });

  it('of people in other teams do not exist', async () => {
    const [ada, eve] = [await somebody(), await somebody()];
    await eventually(async () => {
      expect(itemsOf(await get(ada.client, ada.grant.accessToken, '/v1/sessions'))).toHaveLength(1);
    });
    const path = `/v1/sessions/${ada.grant.session.sessionId}`;
    expect((await call(eve.client, 'DELETE', path, { bearer: eve.grant.accessToken })).status).toBe(404);
    expect((await get(ada.client, ada.grant.accessToken, '/v1/session')).status).toBe(200);
  });

  it('go on in a team of one’s own only', async () => {
    const [ada, eve] = [await somebody(), await somebody()];
    const { accessToken, session } = ada.grant;
    const switchTo = (teamId: string) =>
      call(ada.client, 'POST', '/v1/session/team', { bearer: accessToken, body: { teamId } });
    const foreign = await switchTo(eve.grant.session.teamId);
    expect([foreign.status, problemOf(foreign)]).toEqual([404, 'team-not-found']);
    const same = await switchTo(session.teamId);
    expect(same.body).toMatchObject({ session: { sessionId: session.sessionId, teamId: session.teamId } });
    // An access token, stolen or not, is never exchanged for one that lives longer.
    expect(same.body).not.toHaveProperty('refreshToken');
    expect((await get(ada.client, accessToken, '/v1/session')).status).toBe(200);
  });
});

describe('own data', () => {
  it('is exported as one document, and holds nothing of anybody else', async () => {
    const [ada, eve] = [await somebody(), await somebody()];
    // Each part comes from a read model of its own.
    const { exported, items } = await eventually(async () => {
      const answer = await get(ada.client, ada.grant.accessToken, '/v1/me/export');
      expect(answer.status).toBe(200);
      expect(answer.body['sessions']).toHaveLength(1);
      expect(answer.body).toMatchObject({
        profile: { email: ada.email, name: 'Ada Example' },
        memberships: [{ teamId: ada.grant.session.teamId, roleName: 'Owner' }],
        devices: [{ ip: '127.0.0.1' }],
        logins: [{ outcome: 'completed', ip: '127.0.0.1' }],
      });
      const history = answer.body['history'] as { items: { type: string; subject: string }[] };
      expect(history.items.map(({ type }) => type)).toEqual(
        expect.arrayContaining(['RegistrationSubmitted', 'LoginCompleted', 'SessionStarted']),
      );
      return { exported: answer, items: history.items };
    });
    expect(new Set(items.map(({ subject }) => subject))).toEqual(new Set([ada.grant.session.userId]));
    expect(JSON.stringify(exported.body)).not.toContain(eve.grant.session.userId);
    expect(JSON.stringify(exported.body)).not.toContain(eve.email);
  });
});

describe('operators', () => {
  const mbauth = async (...args: string[]) => {
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const env = {
      PATH: process.env['PATH'],
      EVENTSTORE_URL: stack.servers.eventStore,
      DATABASE_URL: stack.database.url,
      REDIS_URL: stack.servers.redis,
      MASTER_KEY: stack.masterKey,
      POSTMARK_SERVER_TOKEN: 'e2e',
      STREAM_PREFIX: stack.streamPrefix,
      REDIS_PREFIX: stack.redisPrefix,
    };
    return (await promisify(execFile)(process.execPath, [main, ...args], { env })).stdout;
  };

  it('rotate keys, and nobody is logged out', async () => {
    const { client, email, grant } = await somebody();
    for (const purpose of ['jwt-signing', 'token-derivation', 'pepper']) {
      expect(await mbauth('keys', 'rotate', purpose)).toContain('has key number 2 now');
    }
    expect(await mbauth('keys', 'list')).toMatch(/jwt-signing +2 .*signs/);
    await stack.start('second-api');
    const elsewhere = { ...stack.client('second-api'), deviceToken: client.deviceToken ?? '' };

    for (const seenBy of [client, elsewhere]) {
      expect((await get(seenBy, grant.accessToken, '/v1/session')).status).toBe(200);
    }
    const body = { refreshToken: grant.refreshToken };
    const refreshed = await call(elsewhere, 'POST', '/v1/sessions/refresh', { body });
    expect(refreshed.status).toBe(200);
    const { accessToken, refreshToken } = refreshed.body as unknown as Grant;
    expect(kidOf(accessToken)).not.toBe(kidOf(grant.accessToken));
    expect((await get(client, accessToken, '/v1/session')).status).toBe(200);
    expect((await call(client, 'POST', '/v1/sessions/refresh', { body: { refreshToken } })).status).toBe(200);
    expect((await startLogin(client, email)).status).toBe(200);
    expect((await startLogin(elsewhere, email)).status).toBe(200);
  });

  it('see how the limits of somebody stand', async () => {
    const { client, email, grant } = await somebody();
    for (let times = 0; times < 2; times += 1)
      await startLogin(stack.client(), email, { password: 'not the password' });
    await startLogin(stack.client(), email);
    const shown = await mbauth('limits', 'show', email);
    expect(shown).toMatch(/codeMailsOfUser +1 /);
    expect(shown).toMatch(/not approved +0/);
    expect(await mbauth('limits', 'show', grant.session.userId)).toContain('codeTriesOfUser');
    expect(await mbauth('limits', 'clear', email)).toContain('cleared');
    expect(await mbauth('limits', 'show', email)).toMatch(/codeMailsOfUser +0 /);
    expect(await (await fetch(`${client.apiUrl}/metrics`)).text()).toContain('mbauth_limits_in_memory 0');
  });
});

const kidOf = (token: string): unknown =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
