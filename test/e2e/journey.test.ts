import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, logIn, mailsTo, mailTo, newPerson, password, register, startLogin, tokenIn, verify } from './journey.ts';
import { startStack, type Stack } from './stack.ts';
import { address, expectProblem, fromElsewhere, person, positionIn, teamsIn, waitingForCode, whoAmI } from './steps.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe('registration', () => {
  it('ends with an account, a team and the device trusted that opened the link', async () => {
    const [client, email] = [stack.client(), address()];
    const registered = await register(client, email);
    expect([registered.status, registered.body]).toEqual([202, { status: 'verification-sent' }]);
    await mailTo(client, email, 'verification');
    expectProblem(await startLogin(client, email), 403, 'email-not-verified');
    expect((await verify(client, email)).status).toBe(204);
    const { body } = await startLogin(client, email);
    expect(body).toMatchObject({
      status: 'team-selection-required',
      teams: [{ name: 'Bridge Works', role: 'Owner' }],
    });
  });

  it('takes a link once, and no made-up one', async () => {
    const [client, email] = [stack.client(), address()];
    await register(client, email);
    const token = tokenIn(await mailTo(client, email, 'verification'));
    const send = (given: string) => call(client, 'POST', '/v1/registrations/verify', { body: { token: given } });
    expectProblem(await send(`${token.slice(0, -2)}AA`), 400, 'verification-token-invalid');
    expect((await send(token)).status).toBe(204);
    expectProblem(await send(token), 409, 'verification-token-used');
  });

  it('says what is wrong with a password', async () => {
    const [client, email] = [stack.client(), address()];
    const send = (given: string) =>
      call(client, 'POST', '/v1/registrations', {
        body: { email, password: given, name: 'Ada', teamName: 'Bridge Works' },
      });
    for (const given of ['short', email, 'password1234']) {
      const answer = await send(given);
      expectProblem(answer, 422, 'password-not-acceptable');
      expect(JSON.stringify(answer.body['errors'])).toMatch(/^\[{"pointer":"\/password","detail":"(must|is) /);
    }
  });

  it('sends the verification mail again three times an hour, and answers the same when it does not', async () => {
    const [client, email] = [stack.client(), address()];
    await register(client, email);
    const resend = (to: string) => call(client, 'POST', '/v1/registrations/resend', { body: { email: to } });
    for (let mails = 1; mails <= 3; mails++) {
      await mailTo(client, email, 'verification', mails);
      expect((await resend(email)).status).toBe(202);
    }
    await mailTo(client, email, 'verification', 4);
    const [beyond, unknown] = [await resend(email), await resend(address())];
    expect(beyond.status).toBe(202);
    expect(beyond.body).toEqual(unknown.body);
    expect([...beyond.headers.keys()]).toEqual([...unknown.headers.keys()]);
    await newPerson(stack.client(), address()); // what was recorded before has been reacted to
    expect((await mailsTo(client, email)).filter(({ Tag }) => Tag === 'verification')).toHaveLength(4);
  });

  it('tells the person, and nobody else, that a registered address was registered again', async () => {
    const { email, client } = await person(stack);
    expect((await register(stack.client(), email)).body).toEqual({ status: 'verification-sent' });
    expect((await mailTo(client, email, 'already-registered')).TextBody).not.toContain('/verify?token=');
  });

  it('runs once for one idempotency key', async () => {
    const [client, email] = [stack.client(), address()];
    const headers = { 'idempotency-key': randomUUID() };
    const body = { email, password, name: 'Ada', teamName: 'Bridge Works' };
    const first = await call(client, 'POST', '/v1/registrations', { body, headers });
    const second = await call(client, 'POST', '/v1/registrations', { body, headers });
    expect([second.status, second.body]).toEqual([first.status, first.body]);
    expect(positionIn(second)).toBe(positionIn(first));
    expect([first, second].map((answer) => answer.headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    const other = { ...body, name: 'Grace' };
    expectProblem(
      await call(client, 'POST', '/v1/registrations', { body: other, headers }),
      422,
      'idempotency-key-reused',
    );
  });
});

describe('a login', () => {
  it('is refused alike for a wrong password and an unknown address', async () => {
    const { email } = await person(stack);
    const wrong = { password: 'another river altogether' };
    const headers = fromElsewhere();
    const send = (to: string) => call(stack.client(), 'POST', '/v1/logins', { body: { email: to, ...wrong }, headers });
    const [known, unknown] = [await send(email), await send(address())];
    expectProblem(known, 401, 'invalid-credentials');
    expect({ ...unknown.body, requestId: '' }).toEqual({ ...known.body, requestId: '' });
    expect([...unknown.headers.keys()]).toEqual([...known.headers.keys()]);
  });

  it('is refused for an hour after twenty failures from one address', async () => {
    const headers = fromElsewhere();
    const send = () => call(stack.client(), 'POST', '/v1/logins', { body: { email: address(), password }, headers });
    for (let failures = 0; failures < 20; failures++) expect((await send()).status).toBe(401);
    const answer = await send();
    expectProblem(answer, 429, 'too-many-attempts');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(3000);
  });

  it('asks an unknown device for the code, and a known one not', async () => {
    const somebody = await person(stack);
    const { client, email } = somebody;
    const { code, wrong, approve, choose, look } = await waitingForCode(somebody);
    expectProblem(await approve(wrong), 422, 'device-code-wrong');
    const approved = await approve(code);
    expect(approved.body['status']).toBe('team-selection-required');
    expect((await choose(teamsIn(approved)[0]?.teamId)).status).toBe(200);
    expect((await look()).body['status']).toBe('completed');
    expect((await mailTo(client, email, 'new-device')).Subject).not.toBe('');
    expect((await startLogin(client, email)).body['status']).toBe('team-selection-required');
  });

  it('is dead after five wrong codes', async () => {
    const { code, wrong, approve, look } = await waitingForCode(await person(stack));
    for (let tries = 1; tries < 5; tries++) expectProblem(await approve(wrong), 422, 'device-code-wrong');
    expectProblem(await approve(wrong), 403, 'login-denied');
    expectProblem(await approve(code), 403, 'login-denied');
    expect((await look()).body['status']).toBe('denied');
  });

  it('sends no second code within a minute', async () => {
    const somebody = await person(stack);
    const { path, loginToken } = await waitingForCode(somebody);
    const answer = await call(somebody.client, 'POST', `${path}/device-approval/resend`, { bearer: loginToken });
    expectProblem(answer, 429, 'device-code-resend-too-early');
    const wait = Number(answer.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
  });

  it('takes its own token alone, and a team of the person alone', async () => {
    const [somebody, other] = [await person(stack), await person(stack)];
    const { path, loginToken, code, approve, choose, look } = await waitingForCode(somebody);
    const ofOther = await waitingForCode(other);
    expectProblem(await approve(code, ofOther.loginToken), 404, 'login-not-found');
    expectProblem(await look(ofOther.loginToken), 404, 'login-not-found');
    expectProblem(await call(somebody.client, 'GET', path), 401, 'login-token-required');
    expectProblem(await whoAmI(somebody.client, { accessToken: loginToken }), 401, 'session-required');

    const { session } = await logIn(stack.client(), other.email);
    expectProblem(await choose(session.teamId), 404, 'team-not-found');
    expect((await approve(code)).status).toBe(200);
    expectProblem(await choose(session.teamId), 404, 'team-not-found');
    expectProblem(await choose(randomUUID()), 404, 'team-not-found');
  });

  it('that waits for its code gives no session', async () => {
    const somebody = await person(stack);
    const { session } = await logIn(somebody.client, somebody.email);
    const waiting = stack.client();
    const { body } = await startLogin(waiting, somebody.email);
    const { loginId, loginToken } = body as { loginId: string; loginToken: string };
    const choice = { bearer: loginToken, body: { teamId: session.teamId } };
    expectProblem(await call(waiting, 'POST', `/v1/logins/${loginId}/team`, choice), 409, 'login-step-not-due');
    expect((await whoAmI(somebody.client, await logIn(somebody.client, somebody.email))).status).toBe(200);
  });
});
