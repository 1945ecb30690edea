import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { DomainError, type DomainErrorCode } from '../../src/domain/errors.ts';
import { at, bearer, cookies, csrfToken, deviceToken, fakeService, recording, teamId, userId } from './fake-service.ts';

const token = 'AbC-123_xyz';
const password = 'a long enough one';
const preview = {
  teamName: '<b>Acme</b>',
  roleName: 'Developer',
  inviterName: 'Grace "G" Hopper',
  maskedEmail: 'a***@example.com',
  hasAccount: false,
  expiresAt: at,
  viewer: 'nobody' as const,
};
const previewInvitation = () => Promise.resolve(preview);
const refusing =
  (code: DomainErrorCode, details = {}) =>
  () =>
    Promise.reject(new DomainError(code, details));

describe('accepting an invitation', () => {
  const acceptance = () => {
    const calls: unknown[] = [];
    const taken = (how: string) => (given: object) => {
      calls.push([how, given]);
      return Promise.resolve({ userId, teamId, teamName: 'Acme', roleId: teamId, roleName: 'Owner', position: 23n });
    };
    const useCases = { acceptAsNewPerson: taken('new'), acceptAsUser: taken('user') };
    return { calls, ...fakeService({ useCases }) };
  };
  const post = ({ app }: ReturnType<typeof acceptance>, body: object) =>
    request(app).post('/v1/invitations/accept').send(body);

  it('takes a name and a password without a session, and hands a device token out', async () => {
    const service = acceptance();
    const response = await post(service, { token, name: 'Ada', password });
    expect(response.status).toBe(200);
    expect(response.headers['event-position']).toBe('23');
    expect(response.headers['x-device-token']).toBe('n'.repeat(43));
    expect(service.calls).toEqual([['new', { token, name: 'Ada', password, deviceToken: 'n'.repeat(43) }]]);
  });

  it('takes the token alone with a session', async () => {
    const service = acceptance();
    expect((await post(service, { token }).set(bearer)).status).toBe(200);
    expect((await post(service, { token }).set(cookies).set('X-CSRF-Token', csrfToken)).status).toBe(200);
    expect(service.calls).toEqual(Array.from({ length: 2 }, () => ['user', { token, userId }]));
    const both = await post(service, { token, name: 'Ada', password }).set(bearer);
    expect(both.body).toMatchObject({ errors: [{ pointer: '/name' }, { pointer: '/password' }] });
  });

  it('believes no session that is not good, and no cookie without its token', async () => {
    const service = acceptance();
    const statuses = [
      (await post(service, { token, name: 'Ada', password }).set('Authorization', 'Bearer nothing')).status,
      (await post(service, { token }).set(cookies)).status,
    ];
    expect(statuses).toEqual([401, 403]);
    expect(service.calls).toEqual([]);
  });
});

describe('the page of an invitation', () => {
  it('says what it is about and asks for a name and a password; opening it uses nothing up', async () => {
    const acceptAsNewPerson = recording(refusing('invitation-used'));
    const { app } = fakeService({ useCases: { previewInvitation, acceptAsNewPerson } });
    const { status, text, headers } = await request(app).get(`/invitations?token=${token}&utm_source=mail`);
    expect(status).toBe(200);
    expect(text).toContain('&lt;b&gt;Acme&lt;/b&gt;');
    expect(text).toContain('Grace &quot;G&quot; Hopper');
    expect(text).toMatch(/<form method="post" action="\/invitations">/);
    expect(text).toContain(`<input type="hidden" name="token" value="${token}" />`);
    expect(text).toMatch(/autocomplete="new-password"/);
    expect(text).not.toMatch(/<script|javascript:|https?:|style="/);
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(acceptAsNewPerson.calls).toEqual([]);
  });

  it('asks a known address to sign in', async () => {
    const known = () => Promise.resolve({ ...preview, hasAccount: true });
    const { text } = await request(fakeService({ useCases: { previewInvitation: known } }).app).get(
      `/invitations?token=${token}`,
    );
    expect(text).toContain('Sign in to accept');
    expect(text).not.toContain('<form');
  });

  it.each<[DomainErrorCode, number, string]>([
    ['invitation-token-invalid', 404, 'This link does not work'],
    ['invitation-expired', 410, 'has expired'],
    ['invitation-revoked', 410, 'a newer one has taken its place'],
    ['invitation-used', 409, 'has been used'],
    ['invitation-no-longer-valid', 410, 'cannot be honoured any more'],
  ])('says in words what %s means', async (code, status, words) => {
    const response = await request(fakeService({ useCases: { previewInvitation: refusing(code) } }).app).get(
      `/invitations?token=${token}`,
    );
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(response.text).toContain(words);
  });

  it('takes the form, and says what is wrong with a password', async () => {
    const send = (service: ReturnType<typeof fakeService>) =>
      request(service.app)
        .post('/invitations')
        .type('form')
        .set('X-Device-Token', deviceToken)
        .send({ token, name: 'Ada', password });
    const joined = await send(fakeService());
    expect(joined.status).toBe(200);
    expect(joined.text).toContain('You have joined Acme &amp; Sons');
    const refused = refusing('password-not-acceptable', { reasons: 'common, is-team-name' });
    const { status, text } = await send(fakeService({ useCases: { acceptAsNewPerson: refused } }));
    expect(status).toBe(422);
    expect(text).toContain('is one of the most common passwords, and must not be your team&#39;s name');
  });

  it('takes no form from another site', async () => {
    const response = await request(fakeService().app)
      .post('/invitations')
      .type('form')
      .set('Origin', 'https://evil.example')
      .send({ token, name: 'Ada', password });
    expect(response.status).toBe(403);
    expect(response.text).toContain('did not come from our page');
  });
});
