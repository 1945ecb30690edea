import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  call,
  codeIn,
  eventually,
  logIn,
  mailsTo,
  mailTo,
  newPerson,
  password,
  startLogin,
  type Answer,
  type Client,
  type Grant,
} from './journey.ts';
import { startStack, type Stack } from './stack.ts';

/* What somebody can do who has a person's password, and nothing else. */

const mailLimit = 6;
const failuresToLock = 10;

let stack: Stack;
let ips = 0;

beforeAll(async () => {
  stack = await startStack({ env: { CODE_MAILS_PER_HOUR: String(mailLimit), MAILS_PER_IP_PER_HOUR: '15' } });
});
afterAll(() => stack.stop());

/** Each client has an address of its own: the limit of an address is not what is tried here. */
const from = () => ({ 'x-forwarded-for': `198.51.100.${(ips += 1)}` });

async function victim(): Promise<{ email: string; client: Client; grant: Grant }> {
  const client = stack.client();
  const email = `${randomUUID()}@example.com`;
  await newPerson(client, email);
  return { email, client, grant: await logIn(client, email) };
}

interface Attack {
  readonly client: Client;
  readonly loginId: string;
  readonly loginToken: string;
  readonly step: Answer;
}

async function attack(email: string): Promise<Attack> {
  const client = stack.client();
  const step = await startLogin(client, email);
  expect(step.status).toBe(200);
  return { client, step, ...(step.body as { loginId: string; loginToken: string }) };
}

const approve = ({ client, loginId, loginToken }: Omit<Attack, 'step'>, code: string) =>
  call(client, 'POST', `/v1/logins/${loginId}/device-approval`, { bearer: loginToken, body: { code } });

const guess = (client: Client, email: string) =>
  call(client, 'POST', '/v1/logins', { headers: from(), body: { email, password: 'not the password at all' } });

const problemOf = ({ body }: Answer) => String(body['type']).replace('urn:problem:', '');

it('does not end the session of the person', async () => {
  const { email, client, grant } = await victim();
  const attacker = await attack(email);
  const body = { teamId: grant.session.teamId };
  const skipped = await call(attacker.client, 'POST', `/v1/logins/${attacker.loginId}/team`, {
    bearer: attacker.loginToken,
    body,
  });
  expect([skipped.status, problemOf(skipped)]).toEqual([409, 'login-step-not-due']);
  expect((await call(client, 'GET', '/v1/session', { bearer: grant.accessToken })).status).toBe(200);
});

it('learns nothing about the person before the code', async () => {
  const { email, grant } = await victim();
  const attacker = await attack(email);
  const { client, loginId, loginToken: bearer } = attacker;
  const seen = [
    attacker.step,
    await call(client, 'GET', `/v1/logins/${loginId}`, { bearer }),
    await approve(attacker, '000000'),
    ...(await Promise.all(
      ['/v1/session', '/v1/devices', '/v1/sessions', '/v1/me/export'].map((path) =>
        call(client, 'GET', path, { bearer }),
      ),
    )),
  ];
  const text = JSON.stringify(seen.map(({ body, headers }) => [body, [...headers]]));
  for (const secret of [grant.session.teamId, grant.session.sessionId, 'Bridge Works', 'Ada', 'Owner']) {
    expect(text).not.toContain(secret);
  }
  expect(Object.keys(attacker.step.body).sort()).toEqual(['expiresAt', 'loginId', 'loginToken', 'status']);
});

it('gets no more mails sent than the limit', async () => {
  const { email } = await victim();
  const answers: Answer[] = [];
  for (let times = 0; times < mailLimit + 4; times += 1) answers.push(await startLogin(stack.client(), email));
  expect(answers.map(({ status }) => status)).toEqual([...Array<number>(mailLimit).fill(200), 429, 429, 429, 429]);
  expect(problemOf(answers.at(-1) ?? expect.fail())).toBe('too-many-attempts');
  expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(3000);
  await mailTo(stack.client(), email, 'device-code', mailLimit);
  expect((await mailsTo(stack.client(), email)).filter(({ Tag }) => Tag === 'device-code')).toHaveLength(mailLimit);
});

it('of one address has no more mails sent to strangers than the limit', async () => {
  const headers = from();
  const ask = () =>
    call(stack.client(), 'POST', '/v1/registrations/resend', {
      headers,
      body: { email: `${randomUUID()}@example.com` },
    });
  const statuses: number[] = [];
  for (let times = 0; times < 17; times += 1) statuses.push((await ask()).status);
  expect(statuses).toEqual([...Array<number>(15).fill(202), 429, 429]);
});

it('does not lock the person out of a device that they trust', async () => {
  const { email, client } = await victim();
  for (let times = 0; times < failuresToLock; times += 1) await guess(stack.client(), email);
  const elsewhere = await call(stack.client(), 'POST', '/v1/logins', { headers: from(), body: { email, password } });
  expect([elsewhere.status, problemOf(elsewhere)]).toEqual([401, 'invalid-credentials']);
  expect((await startLogin(client, email)).body['status']).toBe('team-selection-required');
  await mailTo(client, email, 'account-locked');
});

it('does not lock the person out by using up the limit of a shared address either', async () => {
  const { email, client } = await victim();
  const headers = from();
  const body = { email: 'nobody@example.com', password: 'not the password at all' };
  const statuses: number[] = [];
  for (let times = 0; times < 21; times += 1) {
    statuses.push((await call(stack.client(), 'POST', '/v1/logins', { headers, body })).status);
  }
  expect(statuses.at(-1)).toBe(429);
  const answer = await call(client, 'POST', '/v1/logins', { headers, body: { email, password } });
  expect([answer.status, answer.body['status']]).toEqual([200, 'team-selection-required']);
});

it('cannot guess codes by beginning one login after the other', async () => {
  const { email, client } = await victim();
  const statuses: number[] = [];
  for (let logins = 0; logins < 3; logins += 1) {
    const attacker = await startLogin(stack.client(), email);
    if (attacker.status !== 200) {
      statuses.push(attacker.status);
      continue;
    }
    const login = { client: stack.client(), ...(attacker.body as { loginId: string; loginToken: string }) };
    for (let tries = 0; tries < 5; tries += 1) statuses.push((await approve(login, '000000')).status);
  }
  expect(statuses).toEqual([422, 422, 422, 422, 403, 422, 422, 422, 422, 403, 429]);
  expect((await startLogin(client, email)).body['status']).toBe('team-selection-required');
});

it('does not pass by replaying a step, a token or a code of another login', async () => {
  const { email, client } = await victim();
  const own = stack.client();
  const ownEmail = `${randomUUID()}@example.com`;
  await newPerson(own, ownEmail);
  delete own.deviceToken;
  const ownStep = (await startLogin(own, ownEmail)).body as { loginId: string; loginToken: string };
  const ownCode = codeIn(await mailTo(own, ownEmail, 'device-code'));
  const attacker = await attack(email);

  // The token of one's own login opens no other, and the code of one's own mail fits no other.
  const withOwnToken = await approve({ ...attacker, loginToken: ownStep.loginToken }, ownCode);
  expect([withOwnToken.status, problemOf(withOwnToken)]).toEqual([404, 'login-not-found']);
  expect((await approve(attacker, ownCode)).status).toBe(422);

  // What the person entered in a login of theirs is worth nothing in the attacker's.
  const phone = stack.client();
  const theirs = (await startLogin(phone, email)).body as { loginId: string; loginToken: string };
  const code = await eventually(async () => {
    const codes = (await mailsTo(client, email)).filter(({ Tag }) => Tag === 'device-code').map(codeIn);
    for (const candidate of codes) {
      if ((await approve({ client: phone, ...theirs }, candidate)).status === 200) return candidate;
    }
    return expect.fail('no code yet');
  });
  const replayed = await approve(attacker, code);
  expect([replayed.status, problemOf(replayed)]).toEqual([422, 'device-code-wrong']);

  // Nor do a device token of their own, a login token as an access token, or the steps of a login that is over.
  expect((await call(attacker.client, 'GET', '/v1/session', { bearer: attacker.loginToken })).status).toBe(401);
  const body = { refreshToken: attacker.loginToken };
  expect((await call(attacker.client, 'POST', '/v1/sessions/refresh', { body })).status).toBe(401);
  expect((await approve({ client: own, ...ownStep }, ownCode)).status).toBe(200);
  const trusted = await call(own, 'POST', '/v1/logins', { body: { email, password } });
  expect(trusted.body['status']).toBe('device-approval-required');
});
