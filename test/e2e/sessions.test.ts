import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, codeIn, eventually, logIn, mailTo, startLogin, type Grant } from './journey.ts';
import { startStack, type Stack } from './stack.ts';
import { expectProblem, person, positionIn, refresh, whoAmI } from './steps.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe('a session', () => {
  it('is what the access token says, by the published keys', async () => {
    const { email, client } = await person(stack);
    const { accessToken, session } = await logIn(client, email);
    const keys = createRemoteJWKSet(new URL(`${stack.apiUrl}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(accessToken, keys, {
      issuer: stack.publicUrl,
      audience: stack.publicUrl,
      algorithms: ['EdDSA'],
    });
    expect(payload).toMatchObject({ sub: session.userId, sid: session.sessionId, tid: session.teamId });
    expect(payload['role']).toEqual(expect.any(String));
    expect(protectedHeader.kid).toEqual(expect.any(String));
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(6 * 60 * 60);
  });

  it('shows who I am, my sessions, my devices and my attempts', async () => {
    const { email, client } = await person(stack);
    const grant = await logIn(client, email);
    const list = async (path: string) => {
      const { body } = await call(client, 'GET', path, { bearer: grant.accessToken });
      return body['items'] as Record<string, unknown>[];
    };
    expect((await whoAmI(client, grant)).body).toMatchObject({
      user: { email, name: 'Ada Example' },
      team: { teamId: grant.session.teamId, name: 'Bridge Works' },
      role: { name: 'Owner' },
      session: grant.session,
    });
    await eventually(async () => {
      expect(await list('/v1/sessions')).toMatchObject([{ sessionId: grant.session.sessionId, current: true }]);
      expect(await list('/v1/devices')).toMatchObject(
        expect.arrayContaining([expect.objectContaining({ current: true, method: 'otp' })]) as never,
      );
      expect(await list('/v1/login-activity')).toMatchObject([{ sessionId: grant.session.sessionId }]);
    });
  });

  it('refreshes by a token that turns, and answers the one before with the same successor', async () => {
    const { email, client } = await person(stack);
    const first = await logIn(client, email);
    const second = (await refresh(client, first.refreshToken)).body as unknown as Grant;
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(second.session).toEqual(first.session);
    expect((await refresh(client, first.refreshToken)).body['refreshToken']).toBe(second.refreshToken);
    expect((await whoAmI(client, second)).status).toBe(200);
    expectProblem(await refresh(client, `${first.refreshToken.slice(0, -2)}AA`), 401, 'refresh-token-invalid');
  });

  it('ends when a refresh token comes back that is two generations old', async () => {
    const { email, client } = await person(stack);
    const first = await logIn(client, email);
    const second = (await refresh(client, first.refreshToken)).body as unknown as Grant;
    const third = (await refresh(client, second.refreshToken)).body as unknown as Grant;
    expectProblem(await refresh(client, first.refreshToken), 401, 'refresh-token-reused');
    expectProblem(await whoAmI(client, third), 401, 'session-revoked');
    expectProblem(await refresh(client, third.refreshToken), 401, 'session-revoked');
    expect((await mailTo(client, email, 'refresh-token-reused')).Subject).toBeTruthy();
  });

  it('ends with the request that logs out', async () => {
    const { email, client } = await person(stack);
    const grant = await logIn(client, email);
    const bearer = grant.accessToken;
    expect((await call(client, 'DELETE', '/v1/session', { bearer })).status).toBe(204);
    const refused = await whoAmI(client, grant);
    expectProblem(refused, 401, 'session-revoked');
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expectProblem(await refresh(client, grant.refreshToken), 401, 'session-revoked');
  });

  it('gives way to the next one, and its client is told when and where', async () => {
    const { email, client } = await person(stack);
    const before = await logIn(client, email);
    const elsewhere = stack.client();
    const step = await startLogin(elsewhere, email);
    expect(step.body['status']).toBe('device-approval-required');
    expect((await whoAmI(client, before)).status).toBe(200);

    const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    const headers = { 'x-forwarded-for': '203.0.113.77', 'user-agent': agent };
    const { loginId, loginToken: bearer } = step.body as { loginId: string; loginToken: string };
    const code = codeIn(await mailTo(client, email, 'device-code', 2));
    const path = `/v1/logins/${loginId}`;
    await call(elsewhere, 'POST', `${path}/device-approval`, { bearer, headers, body: { code } });
    const { teamId } = before.session;
    const after = await call(elsewhere, 'POST', `${path}/team`, { bearer, headers, body: { teamId } });
    expect(after.status).toBe(200);

    const refused = await whoAmI(client, before);
    expectProblem(refused, 401, 'session-superseded');
    expect(refused.body).toMatchObject({ byIp: '203.0.113.77', byDevice: 'Firefox on Linux' });
    const endedAgo = Date.now() - Date.parse(String(refused.body['endedAt']));
    expect(endedAgo).toBeGreaterThanOrEqual(-1000);
    expect(endedAgo).toBeLessThan(30_000);
    expect((await mailTo(client, email, 'session-superseded')).TextBody).toContain('Firefox on Linux');
  });

  it('is read after the position that the client has seen, or not at all', async () => {
    const { email, client } = await person(stack);
    const { accessToken: bearer, refreshToken } = await logIn(client, email);
    const position = positionIn(await refresh(client, refreshToken));
    const readAfter = (value: string, path = '/v1/audit/events') =>
      call(client, 'GET', path, { bearer, headers: { 'read-after': value } });
    const { body } = await readAfter(position);
    expect((body['items'] as { type: string; position: string }[])[0]).toMatchObject({
      type: 'SessionRefreshed',
      position,
    });
    const late = await readAfter(String(10n ** 15n));
    expectProblem(late, 503, 'read-model-behind');
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
    expectProblem(await readAfter('yesterday'), 400, 'invalid-request');
  });
});
