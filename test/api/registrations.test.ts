import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { deviceToken, fakeService, recording, setCookiesOf } from './fake-service.ts';

const registration = { email: 'ada@example.com', password: 'a long enough one', name: 'Ada', teamName: 'Acme' };

describe('a registration', () => {
  it('is accepted with an answer that depends on nothing', async () => {
    const submitRegistration = recording((_request: unknown) => Promise.resolve({ position: 11n }));
    const { app } = fakeService({ useCases: { submitRegistration } });
    const response = await request(app).post('/v1/registrations').set('X-Device-Token', deviceToken).send(registration);
    expect(response.status).toBe(202);
    expect(response.body).toEqual({ status: 'verification-sent' });
    expect(submitRegistration.calls[0]?.[0]).toEqual({ ...registration, deviceToken });
  });

  it('gives the device a token', async () => {
    const response = await request(fakeService().app).post('/v1/registrations').send(registration);
    expect(response.headers['x-device-token']).toHaveLength(43);
    expect(setCookiesOf(response)[0]).toContain('__Host-device=');
  });

  it('says what is wrong with the password, in words', async () => {
    const error = new DomainError('password-not-acceptable', { reasons: 'too-short, is-team-name' });
    const { app } = fakeService({ useCases: { submitRegistration: () => Promise.reject(error) } });
    const response = await request(app).post('/v1/registrations').send(registration);
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({
      errors: [
        { pointer: '/password', detail: 'must have at least 12 characters' },
        { pointer: '/password', detail: "must not be your team's name" },
      ],
    });
    expect(response.body).not.toHaveProperty('reasons');
  });
});

describe('a verification', () => {
  it('passes the device on, and gives none a token', async () => {
    const verifyEmail = recording((_request: unknown) => Promise.resolve({ position: 12n }));
    const { app } = fakeService({ useCases: { verifyEmail } });
    const post = () => request(app).post('/v1/registrations/verify');
    const known = await post().set('X-Device-Token', deviceToken).send({ token: 'a.token' });
    const unknown = await post().send({ token: 'a.token' });
    expect([known.status, known.text, known.headers['event-position']]).toEqual([204, '', '12']);
    expect(unknown.headers).not.toHaveProperty('x-device-token');
    expect(setCookiesOf(unknown)).toEqual([]);
    expect(verifyEmail.calls.map(([asked]) => asked)).toEqual([
      { token: 'a.token', deviceToken },
      { token: 'a.token', deviceToken: undefined },
    ]);
  });

  it.each([
    ['invalid', 400],
    ['expired', 410],
    ['used', 409],
  ] as const)('with a token that is %s is a %i of its own', async (what, status) => {
    const error = new DomainError(`verification-token-${what}`);
    const { app } = fakeService({ useCases: { verifyEmail: () => Promise.reject(error) } });
    const response = await request(app).post('/v1/registrations/verify').send({ token: 'a.token' });
    expect(response.status).toBe(status);
    expect(response.body).toMatchObject({ type: `urn:problem:verification-token-${what}` });
  });
});

it('asking for another link is always accepted', async () => {
  const response = await request(fakeService().app).post('/v1/registrations/resend').send({ email: 'ada@example.com' });
  expect(response.status).toBe(202);
  expect(response.body).toEqual({ status: 'verification-sent' });
});
