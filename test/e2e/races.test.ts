import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { EventType } from '../../src/domain/events.ts';
import { openEventLog, type EventLog, type LoggedEvent } from './event-log.ts';
import {
  call,
  codeIn,
  eventually,
  logIn,
  mailsTo,
  mailTo,
  newPerson,
  password,
  register,
  startLogin,
  tokenIn,
  verify,
  type Answer,
  type Client,
  type Grant,
} from './journey.ts';
import { doubledEvents } from './once-only.ts';
import { persistently, problemOf } from './persistence.ts';
import { startStack, type Stack } from './stack.ts';

let stack: Stack;
let log: EventLog;
let people = 0;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startStack({ env: { HASH_QUEUE: '256' } });
  closing.push(() => stack.stop());
  await stack.start('second-api');
  log = openEventLog(stack);
  closing.push(() => log.close());
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});
afterEach(async () => {
  expect(doubledEvents(await log.events())).toEqual([]);
});

const newAddress = () => `racer-${(people += 1)}@example.com`;
const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort();
const about = async (userId: string, type: EventType): Promise<LoggedEvent[]> =>
  (await log.ofType(type)).filter(({ data }) => data['userId'] === userId);
const whoAmI = (client: Client, { accessToken }: Grant) => call(client, 'GET', '/v1/session', { bearer: accessToken });
const refresh = (client: Client, { refreshToken }: Grant, headers = {}) =>
  call(client, 'POST', '/v1/sessions/refresh', { body: { refreshToken }, headers });

async function somebody(): Promise<{ client: Client; email: string }> {
  const [client, email] = [stack.client(), newAddress()];
  await newPerson(client, email);
  return { client, email };
}

interface OpenLogin {
  readonly loginId: string;
  readonly loginToken: string;
  readonly teamId: string;
}

/** A login on the device that registered, at its last step. */
async function atTheTeamStep(client: Client, email: string): Promise<OpenLogin> {
  const { body } = await startLogin(client, email);
  const { loginId, loginToken, teams } = body as unknown as OpenLogin & { teams: { teamId: string }[] };
  return { loginId, loginToken, teamId: teams[0]?.teamId ?? expect.fail('no team') };
}

const selectTeam = (client: Client, { loginId, loginToken, teamId }: OpenLogin) =>
  call(client, 'POST', `/v1/logins/${loginId}/team`, { bearer: loginToken, body: { teamId } });

/** A login from a device that nobody knows, which waits for its code. */
async function atTheCode(email: string): Promise<OpenLogin & { client: Client; code: string }> {
  const client = stack.client();
  const { body } = await startLogin(client, email);
  expect(body['status']).toBe('device-approval-required');
  const code = codeIn(await mailTo(client, email, 'device-code'));
  return { ...(body as unknown as OpenLogin), client, code };
}

const approve = ({ client, loginId, loginToken }: OpenLogin & { client: Client }, code: string) =>
  call(client, 'POST', `/v1/logins/${loginId}/device-approval`, { bearer: loginToken, body: { code } });

describe('at once', () => {
  test('two hundred registrations of one address give one account', async () => {
    const email = newAddress();
    // A busy machine may tell some to come back.
    const registerInTheEnd = () =>
      eventually(async () => {
        const answer = await register(stack.client(), email);
        expect(answer.status).toBe(202);
        return answer;
      }, 30_000);
    const answers = await Promise.all(Array.from({ length: 200 }, registerInTheEnd));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);

    const refused = await eventually(async () => {
      const found = await log.ofType('RegistrationRefused');
      // What was told to come back may have been recorded all the same.
      expect(found.length).toBeGreaterThanOrEqual(199);
      return found;
    }, 60_000);
    const registered = await log.ofType('UserRegistered');
    expect(registered).toHaveLength(1);
    expect(await log.ofType('EmailAddressReserved')).toHaveLength(1);
    expect((await log.ofType('RegistrationRepeated')).length).toBeLessThanOrEqual(3);
    const userId = String(registered[0]?.data['userId']);
    expect(refused.map(({ data }) => data['userId'])).not.toContain(userId);

    const { rows } = await eventually(async () => {
      const left = await stack.database.pool.query<{ user_id: string }>('select user_id from vault.credentials');
      expect(left.rows).toHaveLength(1);
      return left;
    });
    expect(rows[0]?.user_id).toBe(userId);

    const client = stack.client();
    expect((await verify(client, email)).status).toBe(204);
    expect((await logIn(client, email)).session.userId).toBe(userId);
    expect(await log.ofType('EmailAddressConfirmed')).toHaveLength(1);
    expect(await log.ofType('TeamCreated')).toHaveLength(1);
    const links = (await mailsTo(client, email)).filter(({ Tag }) => Tag === 'verification');
    expect(links.length).toBeGreaterThanOrEqual(1);
    expect(links.length).toBeLessThanOrEqual(4);
  });

  test('two uses of one verification link verify once', async () => {
    const [client, email] = [stack.client(), newAddress()];
    await register(client, email);
    const body = { token: tokenIn(await mailTo(client, email, 'verification')) };
    const use = (at: Client) => call(at, 'POST', '/v1/registrations/verify', { body });
    const answers = await Promise.all([use(client), use(stack.client('second-api'))]);
    for (const answer of answers) {
      if (answer.status !== 204) expect([answer.status, problemOf(answer)]).toEqual([409, 'verification-token-used']);
    }
    expect(statuses(answers)[0]).toBe(204);
    const { userId } = (await logIn(client, email)).session;
    expect(await about(userId, 'EmailVerified')).toHaveLength(1);
    expect(await about(userId, 'MemberAdded')).toHaveLength(1);
  });

  test('two refreshes of one token get the same successor', async () => {
    const { client, email } = await somebody();
    const grant = await logIn(client, email);
    const answers = await Promise.all([refresh(client, grant), refresh(stack.client('second-api'), grant)]);
    expect(statuses(answers)).toEqual([200, 200]);
    const [first, second] = answers.map(({ body }) => body['refreshToken']);
    expect(first).toBe(second);
    expect(first).not.toBe(grant.refreshToken);
    expect(await about(grant.session.userId, 'SessionRefreshed')).toHaveLength(1);
    expect((await whoAmI(client, answers[0].body as unknown as Grant)).status).toBe(200);
  });

  test('two logins leave one active session', async () => {
    const { client, email } = await somebody();
    const logins = await Promise.all([atTheTeamStep(client, email), atTheTeamStep(client, email)]);
    const answers = await Promise.all(logins.map((login) => selectTeam(client, login)));
    // Who was superseded before the answer is told that the step is over.
    expect(statuses(answers)[0]).toBe(200);
    for (const { status } of answers) expect([200, 409]).toContain(status);
    const grants = answers.filter(({ status }) => status === 200).map(({ body }) => body as unknown as Grant);
    const seen = await Promise.all(grants.map((grant) => whoAmI(client, grant)));
    expect(seen.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of seen.filter(({ status }) => status !== 200)) {
      expect([answer.status, problemOf(answer)]).toEqual([401, 'session-superseded']);
    }
    const userId = String(grants[0]?.session.userId);
    expect(await about(userId, 'SessionStarted')).toHaveLength(2);
    expect(await about(userId, 'SessionSuperseded')).toHaveLength(1);
  });

  test('the last step of one login, sent twice, starts one session', async () => {
    const { client, email } = await somebody();
    const login = await atTheTeamStep(client, email);
    const answers = await Promise.all([selectTeam(client, login), selectTeam(stack.client('second-api'), login)]);
    expect(statuses(answers)).toEqual([200, 200]);
    const grants = answers.map(({ body }) => body as unknown as Grant);
    expect(new Set(grants.map(({ session }) => session.sessionId)).size).toBe(1);
    expect(new Set(grants.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(await about(String(grants[0]?.session.userId), 'SessionStarted')).toHaveLength(1);
  });

  test('two entries of one device code approve the device once', async () => {
    const { email } = await somebody();
    const login = await atTheCode(email);
    const other = { ...login, client: { ...login.client, apiUrl: stack.urlOf('second-api') } };
    const answers = await Promise.all([approve(login, login.code), approve(other, login.code)]);
    expect(statuses(answers)).toEqual([200, 200]);
    const approvals = (await log.ofType('LoginDeviceApproved')).filter(({ data }) => data['loginId'] === login.loginId);
    expect(approvals).toHaveLength(1);
    const trusted = (await log.ofType('DeviceApproved')).filter(({ data }) => data['loginId'] === login.loginId);
    expect(trusted).toHaveLength(1);
    await mailTo(login.client, email, 'new-device');
  });

  test('ten wrong codes count as five tries, and the login is dead', async () => {
    const { email } = await somebody();
    const login = await atTheCode(email);
    const wrong = Array.from({ length: 10 }, (_, n) =>
      String((Number(login.code) + 1 + n) % 1_000_000).padStart(6, '0'),
    );
    const path = `/v1/logins/${login.loginId}/device-approval`;
    const answers = await Promise.all(
      wrong.map((code, n) => {
        const client = n % 2 === 0 ? login.client : { ...login.client, apiUrl: stack.urlOf('second-api') };
        return persistently(client, 'POST', path, { bearer: login.loginToken, body: { code } });
      }),
    );
    const said = answers.map(problemOf);
    expect(said.filter((problem) => problem === 'device-code-wrong')).toHaveLength(4);
    // Ten wrong codes, over all logins, are all that a person may enter in an hour: that may be what is told first.
    const over = ['login-denied', 'too-many-attempts'];
    expect(said.filter((problem) => over.includes(problem))).toHaveLength(6);
    const ofLogin = (type: EventType) =>
      log.ofType(type).then((found) => found.filter(({ data }) => data['loginId'] === login.loginId));
    expect((await ofLogin('DeviceCodeRejected')).map(({ data }) => data['tries'])).toEqual([1, 2, 3, 4, 5]);
    expect(await ofLogin('LoginDenied')).toHaveLength(1);
    expect(over).toContain(problemOf(await approve(login, login.code)));
  });

  test('a log-out and a refresh end logged out', async () => {
    for (let round = 1; round <= 3; round += 1) {
      const { client, email } = await somebody();
      const grant = await logIn(client, email);
      const [loggedOut, refreshed] = await Promise.all([
        persistently(client, 'DELETE', '/v1/session', { bearer: grant.accessToken }),
        refresh(stack.client('second-api'), grant),
      ]);
      expect(loggedOut.status).toBe(204);
      if (refreshed.status !== 200) expect([refreshed.status, problemOf(refreshed)]).toEqual([401, 'session-revoked']);
      const newest = refreshed.status === 200 ? (refreshed.body as unknown as Grant) : grant;
      for (const answer of [await whoAmI(client, grant), await whoAmI(client, newest), await refresh(client, newest)]) {
        expect([answer.status, problemOf(answer)]).toEqual([401, 'session-revoked']);
      }
    }
  });

  test('two requests with one Idempotency-Key run once', async () => {
    const [client, email] = [stack.client(), newAddress()];
    const body = { email, password, name: 'Ada Example', teamName: 'Bridge Works' };
    const headers = { 'idempotency-key': randomUUID() };
    const send = (at: Client) => call(at, 'POST', '/v1/registrations', { body, headers });
    const before = (await log.ofType('RegistrationSubmitted')).length;
    const answers = await Promise.all([send(client), send(stack.client('second-api'))]);
    for (const answer of answers) {
      if (answer.status !== 202) expect([answer.status, problemOf(answer)]).toEqual([409, 'idempotency-in-progress']);
    }
    const again = await send(stack.client());
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([202, 'true']);
    expect(await log.ofType('RegistrationSubmitted')).toHaveLength(before + 1);
    const reused = await call(client, 'POST', '/v1/registrations', { body: { ...body, name: 'Eve' }, headers });
    expect([reused.status, problemOf(reused)]).toEqual([422, 'idempotency-key-reused']);
  });
});

describe('with two API processes', () => {
  test('what is logged out on one is refused by the other at its next request', async () => {
    const { client, email } = await somebody();
    const other: Client = { ...client, apiUrl: stack.urlOf('second-api') };
    for (const [here, there] of [
      [client, other],
      [other, client],
    ] as const) {
      const grant = await logIn(here, email);
      expect((await whoAmI(there, grant)).status).toBe(200);
      expect((await call(here, 'DELETE', '/v1/session', { bearer: grant.accessToken })).status).toBe(204);
      const refused = await whoAmI(there, grant);
      expect([refused.status, problemOf(refused)]).toEqual([401, 'session-revoked']);
    }
  });

  test('a superseded session is told on the other when and where', async () => {
    const { client, email } = await somebody();
    const other: Client = { ...client, apiUrl: stack.urlOf('second-api') };
    const first = await logIn(client, email);
    expect((await whoAmI(other, first)).status).toBe(200);
    const login = await atTheTeamStep(other, email);
    const path = `/v1/logins/${login.loginId}/team`;
    const headers = {
      'x-forwarded-for': '203.0.113.9',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    };
    const before = Date.now();
    const done = await call(other, 'POST', path, { bearer: login.loginToken, body: { teamId: login.teamId }, headers });
    expect(done.status).toBe(200);
    const told = await whoAmI(client, first);
    expect([told.status, problemOf(told)]).toEqual([401, 'session-superseded']);
    expect(told.body).toMatchObject({ byIp: '203.0.113.9', byDevice: 'Firefox on Linux' });
    const endedAt = Date.parse(String(told.body['endedAt']));
    expect(endedAt).toBeGreaterThanOrEqual(before - 1000);
    expect(endedAt).toBeLessThanOrEqual(Date.now() + 1000);
    expect((await whoAmI(client, done.body as unknown as Grant)).status).toBe(200);
    await mailTo(client, email, 'session-superseded');
  });
});
