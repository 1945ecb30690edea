import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEventLog, type EventLog } from './event-log.ts';
import {
  call,
  eventually,
  logIn,
  mailsTo,
  mailTo,
  newPerson,
  password,
  startLogin,
  tokenIn,
  type Answer,
  type Client,
} from './journey.ts';
import { startStack, type Stack } from './stack.ts';

const chosen = 'seven lamps beside the harbour';
const another = 'no lamps at all in the mountains';

let stack: Stack;
let log: EventLog;

beforeAll(async () => {
  stack = await startStack();
  log = openEventLog(stack);
});
afterAll(async () => {
  await log.close();
  await stack.stop();
});

const problemOf = ({ body }: Answer): unknown => body['type'];
const newAddress = () => `${randomUUID()}@example.com`;

async function somebody(): Promise<{ client: Client; email: string }> {
  const person = { client: stack.client(), email: newAddress() };
  await newPerson(person.client, person.email);
  return person;
}

async function askForLink(client: Client, email: string, count = 1): Promise<string> {
  const answer = await call(client, 'POST', '/v1/password/forgot', { body: { email } });
  expect([answer.status, answer.body]).toEqual([202, { status: 'reset-requested' }]);
  return tokenIn(await mailTo(client, email, 'password-reset', count));
}

const reset = (client: Client, token: string, newPassword: string) =>
  call(client, 'POST', '/v1/password/reset', { body: { token, password: newPassword } });

const whoAmI = (client: Client, bearer: string) => call(client, 'GET', '/v1/session', { bearer });

describe('a forgotten password', () => {
  it('is replaced with the link of a mail: sessions, logins under way and the link end with it', async () => {
    const { client, email } = await somebody();
    const { accessToken, refreshToken } = await logIn(client, email);
    const begun = await startLogin(client, email);
    const { loginId, loginToken } = begun.body as { loginId: string; loginToken: string };
    const [team] = begun.body['teams'] as { teamId: string }[];

    const token = await askForLink(stack.client(), email);
    const done = await reset(stack.client(), token, chosen);
    expect([done.status, done.headers.get('event-position')]).toEqual([204, expect.stringMatching(/^\d+$/)]);

    expect(problemOf(await whoAmI(client, accessToken))).toBe('urn:problem:session-revoked');
    const refresh = await call(client, 'POST', '/v1/sessions/refresh', { body: { refreshToken } });
    expect(problemOf(refresh)).toBe('urn:problem:session-revoked');
    const body = { teamId: team?.teamId };
    const late = await call(client, 'POST', `/v1/logins/${loginId}/team`, { bearer: loginToken, body });
    expect([late.status, problemOf(late)]).toEqual([403, 'urn:problem:login-denied']);
    expect(problemOf(await reset(client, token, another))).toBe('urn:problem:reset-token-used');

    expect((await startLogin(client, email)).status).toBe(401);
    const grant = await logIn(client, email, { password: chosen });
    expect((await whoAmI(client, grant.accessToken)).status).toBe(200);
    const notice = await mailTo(client, email, 'password-changed');
    expect(notice.TextBody).toContain('All sessions have ended');
    expect(notice.TextBody).toContain(`${stack.publicUrl}/forgot`);
  });

  it('leaves one hash, and neither password nor token in any event or log', async () => {
    const { client, email } = await somebody();
    const token = await askForLink(client, email);
    await reset(client, token, chosen);
    const { rows } = await stack.database.pool.query<{ user_id: string; hashes: string }>(
      'select user_id, count(*) as hashes from vault.credentials group by user_id having count(*) > 1',
    );
    expect(rows).toEqual([]);
    const written = `${JSON.stringify(await log.events(), (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}${await stack.logs()}`;
    expect(written).toContain('PasswordChanged');
    for (const secret of [chosen, password, token]) expect(written).not.toContain(secret);
  });

  it('needs a good link and a good password, and says what is wrong', async () => {
    const { client, email } = await somebody();
    const old = await askForLink(client, email);
    const token = await askForLink(client, email, 2);
    expect(problemOf(await reset(client, old, chosen))).toBe('urn:problem:reset-token-used');
    expect(problemOf(await reset(client, 'nonsense', chosen))).toBe('urn:problem:reset-token-invalid');
    const weak = await reset(client, token, 'Bridge Works');
    expect([weak.status, problemOf(weak)]).toEqual([422, 'urn:problem:password-not-acceptable']);
    expect(weak.body['errors']).toEqual([{ pointer: '/password', detail: "must not be your team's name" }]);
    expect((await reset(client, token, chosen)).status).toBe(204);
  });

  it('is asked for alike whether or not anybody has the address, and mailed three times an hour at most', async () => {
    const { client, email } = await somebody();
    const nobody = newAddress();
    const shapes = new Set<string>();
    for (let attempt = 0; attempt < 5; attempt++) {
      for (const address of [email, nobody]) {
        const answer = await call(client, 'POST', '/v1/password/forgot', { body: { email: address } });
        const names = [...answer.headers.keys()].sort();
        shapes.add(JSON.stringify([answer.status, answer.body, names]));
      }
    }
    expect(shapes.size).toBe(1);
    await eventually(async () => {
      const mails = (await mailsTo(client, email)).filter(({ Tag }) => Tag === 'password-reset');
      expect(mails.length).toBeGreaterThanOrEqual(1);
      expect(mails.length).toBeLessThanOrEqual(3);
    });
    const asked = (await log.ofType('PasswordResetRequested')).map(({ data }) => data['emailHash']);
    expect(asked.slice(-6).filter((emailHash) => emailHash === asked.at(-1))).toHaveLength(3);
    expect(new Set(asked.slice(-6)).size).toBe(2);
    expect(await mailsTo(client, nobody)).toEqual([]);
  });

  it('leaves nothing to whoever logs in with the old one in the same moment', async () => {
    for (let round = 0; round < 4; round++) {
      const { client, email } = await somebody();
      const token = await askForLink(client, email);
      const [login, done] = await Promise.allSettled([logIn(client, email), reset(client, token, chosen)]);
      expect(done).toMatchObject({ status: 'fulfilled', value: { status: 204 } });
      if (login.status === 'fulfilled') expect((await whoAmI(client, login.value.accessToken)).status).toBe(401);
      expect((await startLogin(client, email)).status).toBe(401);
      expect((await startLogin(client, email, { password: chosen })).status).toBe(200);
    }
  });
});

describe('a change by who is logged in', () => {
  it('keeps this session, and needs the current password', async () => {
    const { client, email } = await somebody();
    const { accessToken: bearer } = await logIn(client, email);
    const change = (currentPassword: string) =>
      call(client, 'POST', '/v1/password/change', { bearer, body: { currentPassword, password: chosen } });
    const wrong = await change('not the current one');
    expect([wrong.status, problemOf(wrong)]).toEqual([422, 'urn:problem:current-password-wrong']);
    expect((await change(password)).status).toBe(204);
    expect((await whoAmI(client, bearer)).status).toBe(200);
    expect((await startLogin(client, email)).status).toBe(401);
    expect((await mailTo(client, email, 'password-changed')).TextBody).toContain('All sessions but the one');
    const without = await call(client, 'POST', '/v1/password/change', {
      body: { currentPassword: chosen, password: another },
    });
    expect(without.status).toBe(401);
  });
});

describe('the pages', () => {
  const fetchPage = (path: string, form?: Record<string, string>) =>
    fetch(stack.apiUrl + path, {
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      redirect: 'manual',
    });

  it('take a person without JavaScript from the address to the new password', async () => {
    const { client, email } = await somebody();
    const asked = await fetchPage('/forgot', { email });
    expect([asked.status, await asked.text()]).toEqual([200, expect.stringContaining('Look into your mailbox')]);
    const token = tokenIn(await mailTo(client, email, 'password-reset'));

    for (let visit = 0; visit < 3; visit++) {
      const page = await fetchPage(`/reset?token=${token}&utm_source=mail`);
      const html = await page.text();
      const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? '';
      expect(html).not.toMatch(/<script|style="|https?:/);
      expect(html).toMatch(/<input[^>]* autocomplete="new-password"/);
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      expect(page.headers.get('content-security-policy')).toContain(
        `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'`,
      );
    }
    const refused = await fetchPage('/reset', { token, password: 'too short' });
    const again = await refused.text();
    expect(refused.status).toBe(422);
    expect(again).toContain('It must have at least 12 characters.');
    expect(again).toContain(`name="token" value="${token}"`);
    const done = await fetchPage('/reset', { token, password: chosen });
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('Your password is changed')]);
    const used = await fetchPage('/reset', { token, password: another });
    expect([used.status, await used.text()]).toEqual([409, expect.stringContaining('href="/forgot"')]);
    expect((await startLogin(client, email, { password: chosen })).status).toBe(200);
    expect(await stack.logs()).not.toContain(token);
  });
});
