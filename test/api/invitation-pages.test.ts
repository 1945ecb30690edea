import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../src/application/ports.ts';
import { DomainError } from '../../src/domain/errors.ts';
import {
  at,
  cookies,
  csrfToken,
  fakeService,
  recording,
  sessionId,
  setCookiesOf,
  teamId,
  userId,
} from './fake-service.ts';

const token = 'AbC-123_xyz';
const about = {
  teamName: 'Acme',
  roleName: 'Developer',
  inviterName: 'Grace',
  maskedEmail: 'a***@example.com',
  hasAccount: true,
  expiresAt: at,
};
type Viewer = 'nobody' | 'invited' | 'somebody-else';

/** `signedInAs` is what the service finds out about whoever has the session of the cookies. */
function service(signedInAs: Viewer, hasAccount = true) {
  const previewInvitation = recording(({ userId: viewer }: { token: string; userId?: string | undefined }) =>
    Promise.resolve({ ...about, hasAccount, viewer: viewer === undefined ? ('nobody' as const) : signedInAs }),
  );
  const acceptAsUser = recording((_request: object, _context: object) =>
    Promise.resolve({ userId, teamId, teamName: 'Acme', roleId: teamId, roleName: 'Developer', position: 23n }),
  );
  const revokeSession = recording((_request: object, _context: object) => Promise.resolve({ position: 24n }));
  const { app } = fakeService({ useCases: { previewInvitation, acceptAsUser, revokeSession } });
  const open = (headers: Record<string, string> = cookies) =>
    request(app).get(`/invitations?token=${token}`).set(headers);
  const send = (path: string, body: object = { token, csrfToken }, headers: Record<string, string> = cookies) =>
    request(app).post(`/invitations/${path}`).set(headers).type('form').send(body);
  return { open, send, previewInvitation, acceptAsUser, revokeSession };
}

describe('the page of an invitation, opened in a browser', () => {
  it('offers one click to whoever is signed in with the invited address', async () => {
    const { open, send, acceptAsUser } = service('invited');
    const { text } = await open();
    expect(text).toContain('<form method="post" action="/invitations/join">');
    expect(text.match(/<button/g)).toHaveLength(1);
    expect(text).toContain(`name="csrfToken" value="${csrfToken}"`);
    expect(text).not.toContain('name="password"');
    const joined = await send('join');
    expect([joined.status, joined.headers['event-position']]).toEqual([200, '23']);
    expect(joined.text).toContain('You have joined Acme');
    expect(acceptAsUser.calls[0]).toMatchObject([
      { token, userId },
      { actor: { kind: 'user', userId }, sessionId },
    ]);
  });

  it('tells somebody else which address it is for, and lets them sign out to go on', async () => {
    const { open, send, revokeSession } = service('somebody-else', false);
    const { text } = await open();
    expect(text).toContain('signed in here with another account');
    expect(text).toContain('a***@example.com');
    expect(text).not.toContain('/invitations/join');
    const signedOut = await send('sign-out');
    expect(signedOut.status).toBe(200);
    expect(signedOut.text).toContain('name="password"');
    expect(
      setCookiesOf(signedOut)
        .map((line) => line.replace(/; .*(Max-Age=\d+).*/, '; $1'))
        .sort(),
    ).toEqual(['__Host-access=; Max-Age=0', '__Host-refresh=; Max-Age=0']);
    expect(revokeSession.calls[0]).toMatchObject([{ userId, sessionId, reason: 'logged-out' }, { sessionId }]);
  });

  it('tells whoever has an account and is not signed in to do that first', async () => {
    const { open } = service('nobody');
    const { text } = await open({});
    expect(text).toContain('Sign in to accept');
    expect(text).not.toContain('<form');
  });

  it('knows nobody by a session that is good no more, and no less of a page', async () => {
    const expired = { ...cookies, cookie: '__Host-access=worthless' };
    const { open, previewInvitation } = service('invited');
    const { status, text } = await open(expired);
    expect(status).toBe(200);
    expect(text).toContain('Sign in to accept');
    expect(previewInvitation.calls[0]?.[0]).toEqual({ token, userId: undefined });
  });

  it('answers 503 where it cannot find out who is signed in', async () => {
    const { app } = fakeService({ useCases: { checkSession: () => Promise.reject(new Unavailable('event-store')) } });
    const { status, text } = await request(app).get(`/invitations?token=${token}`).set(cookies);
    expect(status).toBe(503);
    expect(text).toContain('That did not work just now');
  });
});

describe.each(['join', 'sign-out'])('the form to %s', (path) => {
  const did = ({ acceptAsUser, revokeSession }: ReturnType<typeof service>) =>
    acceptAsUser.calls.length + revokeSession.calls.length;

  it('is taken from no other site, not without the token of its page, and not without a session', async () => {
    const world = service('invited');
    const foreign = { ...cookies, Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
    const refused = [
      [await world.send(path, { token, csrfToken }, foreign), 403, 'This did not come from our page'],
      [await world.send(path, { token, csrfToken: 'made-up' }), 403, 'not signed in here any more'],
      [await world.send(path, { token, csrfToken }, {}), 401, 'not signed in here any more'],
      [await world.send(path, { token }), 400, 'Something is missing'],
      [await world.send(path, { token, csrfToken, userId }), 400, 'Something is missing'],
    ] as const;
    for (const [response, status, words] of refused) {
      expect(response.status).toBe(status);
      expect(response.text).toContain(words);
    }
    expect(did(world)).toBe(0);
  });
});

it('a link that is no good ends no session', async () => {
  const revokeSession = recording(() => Promise.resolve({ position: 1n }));
  const previewInvitation = () => Promise.reject(new DomainError('invitation-expired'));
  const { app } = fakeService({ useCases: { previewInvitation, revokeSession } });
  const response = await request(app)
    .post('/invitations/sign-out')
    .set(cookies)
    .type('form')
    .send({ token, csrfToken });
  expect(response.status).toBe(410);
  expect(response.text).toContain('This invitation has expired');
  expect(revokeSession.calls).toEqual([]);
});
