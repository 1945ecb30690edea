import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, type Client } from './journey.ts';
import { startStack, type Stack } from './stack.ts';
import { expectProblem, person, teamsIn, waitingForCode } from './steps.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe('cookie transport', () => {
  interface Browser {
    readonly client: Client;
    readonly cookie: string;
    readonly csrfToken: string;
    readonly setCookies: readonly string[];
  }

  async function browser(): Promise<Browser> {
    const somebody = await person(stack);
    const { code, approve, choose } = await waitingForCode(somebody, { transport: 'cookie' });
    const answer = await choose(teamsIn(await approve(code))[0]?.teamId);
    expect(answer.body).not.toHaveProperty('accessToken');
    expect(answer.body).not.toHaveProperty('refreshToken');
    const setCookies = answer.headers.getSetCookie();
    const cookie = setCookies.map((line) => line.split(';')[0]).join('; ');
    return { client: somebody.client, cookie, csrfToken: String(answer.body['csrfToken']), setCookies };
  }

  it('hands both tokens to the browser alone', async () => {
    const { setCookies } = await browser();
    expect(setCookies.map((line) => line.split('=')[0]).sort()).toEqual(['__Host-access', '__Host-refresh']);
    for (const line of setCookies) {
      expect(line).toMatch(/; Path=\//);
      expect(line).toMatch(/; HttpOnly; Secure; SameSite=Lax$/);
      expect(line).not.toMatch(/Domain=/i);
    }
  });

  it('needs the session’s CSRF token and our own origin for everything that changes something', async () => {
    const mine = await browser();
    const others = await browser();
    const { client, cookie } = mine;
    const origin = stack.publicUrl;
    const csrf = { 'x-csrf-token': mine.csrfToken };
    const foreign = 'https://evil.example';
    const refused: readonly [Record<string, string>, string][] = [
      [{}, 'csrf-token-invalid'],
      [{ origin }, 'csrf-token-invalid'],
      [{ origin, 'x-csrf-token': others.csrfToken }, 'csrf-token-invalid'],
      [{ origin, 'x-csrf-token': 'made-up' }, 'csrf-token-invalid'],
      [{ ...csrf, origin: foreign }, 'cross-site-request'],
      [{ ...csrf, origin: 'null' }, 'cross-site-request'],
      [{ ...csrf, origin, 'sec-fetch-site': 'cross-site' }, 'cross-site-request'],
      [{ ...csrf, origin, 'sec-fetch-site': 'same-site' }, 'cross-site-request'],
    ];
    for (const [headers, code] of refused) {
      const all = { ...headers, cookie };
      expectProblem(await call(client, 'DELETE', '/v1/session', { headers: all }), 403, code);
      expectProblem(await call(client, 'POST', '/v1/sessions/refresh', { headers: all, body: {} }), 403, code);
    }
    const who = await call(client, 'GET', '/v1/session', { headers: { cookie } });
    expect([who.status, who.body['csrfToken']]).toEqual([200, mine.csrfToken]);
  });

  it('refreshes and logs out with them', async () => {
    const { client, cookie, csrfToken } = await browser();
    const headers = { cookie, origin: stack.publicUrl, 'sec-fetch-site': 'same-origin', 'x-csrf-token': csrfToken };
    const refreshed = await call(client, 'POST', '/v1/sessions/refresh', { headers, body: {} });
    expect(refreshed.status).toBe(200);
    expect(refreshed.body).not.toHaveProperty('refreshToken');
    const renewed = refreshed.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    expect(renewed).not.toBe(cookie);
    const out = await call(client, 'DELETE', '/v1/session', { headers: { ...headers, cookie: renewed } });
    expect(out.status).toBe(204);
    expect(
      out.headers
        .getSetCookie()
        .map((line) => line.replace(/; .*(Max-Age=\d+).*/, '; $1'))
        .sort(),
    ).toEqual(['__Host-access=; Max-Age=0', '__Host-refresh=; Max-Age=0']);
    expectProblem(await call(client, 'GET', '/v1/session', { headers: { cookie: renewed } }), 401, 'session-revoked');
  });
});
