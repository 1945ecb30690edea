import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { virtuozzoPlatform } from '../../src/adapters/virtuozzo-platform.ts';
import { Unavailable } from '../../src/application/ports.ts';
import {
  startVirtuozzoSandbox,
  type VirtuozzoSandbox,
} from '../../src/embedded/virtuozzo-sandbox/start-virtuozzo-sandbox.ts';

let sandbox: VirtuozzoSandbox;
beforeAll(async () => {
  sandbox = await startVirtuozzoSandbox({ port: 0 });
  await control('/accounts', {
    'ann@example.org': { password: 'right' },
    'two@example.org': { password: 'right', twoFactor: true },
  });
});
afterAll(() => sandbox.close());

const platform = () => virtuozzoPlatform({ apiUrl: `${sandbox.url}/`, sessionEndedCodes: new Set([702]) });
const control = (path: string, body?: object) =>
  fetch(`${sandbox.url}/__control${path}`, {
    method: body ? 'PUT' : 'POST',
    headers: { 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
const signedIn = async () => {
  const answer = await platform().signIn('ann@example.org', 'right');
  return answer.kind === 'signed-in' ? answer.sessionKey : expect.fail('refused');
};

describe('the Virtuozzo platform', () => {
  it('signs in with a password, and by a token of that session', async () => {
    const session = await signedIn();
    const made = await platform().createToken(session, 'right');
    const token = made?.token ?? expect.fail('no token');
    expect(await platform().signInByToken(token)).toMatchObject({ kind: 'signed-in' });
    await platform().deleteToken(session, made?.tokenId ?? '');
    expect(await platform().signInByToken(token)).toEqual({ kind: 'refused', reason: 'credentials' });
  });

  it('refuses a wrong password, and a session that lacks its second factor', async () => {
    const refused = { kind: 'refused', reason: 'credentials' };
    expect(await platform().signIn('ann@example.org', 'wrong')).toEqual(refused);
    expect(await platform().signIn('two@example.org', 'right')).toEqual({ kind: 'refused', reason: 'two-factor' });
  });

  it('knows whether a session is good', async () => {
    const session = await signedIn();
    expect(await platform().accepts(session)).toBe(true);
    await platform().signOut(session);
    expect(await platform().accepts(session)).toBe(false);
    expect(await platform().createToken(session, 'right')).toBeUndefined();
  });

  it.each([
    ['fails', { mode: 'fail' }],
    ['fails in 200, as it does', { mode: 'fail', status: 404 }],
    ['answers with a page', { mode: 'garbage' }],
  ])('is unavailable when it %s', async (_how, mode) => {
    const session = await signedIn();
    await control('', mode);
    await expect(platform().accepts(session)).rejects.toThrow(Unavailable);
    await expect(platform().signIn('ann@example.org', 'right')).rejects.toThrow(Unavailable);
    await control('', { mode: 'ok' });
    expect(await platform().accepts(session)).toBe(true);
  });

  it('is unavailable within its time limit when it says nothing, and then at once', async () => {
    await control('', { mode: 'hang' });
    const hung = platform();
    const asked = Array.from({ length: 5 }, () => hung.accepts('any').catch((error: unknown) => error));
    expect((await Promise.all(asked)).every((error) => error instanceof Unavailable)).toBe(true);
    expect(hung.status()).toBe('open');
    const before = performance.now();
    await expect(hung.accepts('any')).rejects.toThrow(Unavailable);
    expect(performance.now() - before).toBeLessThan(500);
    await control('', { mode: 'ok' });
  }, 12_000);
});
