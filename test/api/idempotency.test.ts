import { EventEmitter, once } from 'node:events';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { Unavailable, WrongExpectedRevision } from '../../src/application/ports.ts';
import { DomainError } from '../../src/domain/errors.ts';
import {
  cookies,
  csrfToken,
  fakeService,
  grantFor,
  id,
  loginId,
  memoryIdempotency,
  ofLogin,
  recording,
  setCookiesOf,
  teamId,
  tokens,
  userId,
} from './fake-service.ts';

const credentials = { email: 'ada@example.com', password: 'a long enough one' };
const key = { 'Idempotency-Key': 'e3b0c442-98fc-4c14' };
const refused = (error: Error) => recording((_request: unknown) => Promise.reject(error));

describe('a repeated request with the same key', () => {
  it('gets the same answer without being run again', async () => {
    const selectTeam = recording((_request: unknown) => Promise.resolve(grantFor('cookie')));
    const { app } = fakeService({ useCases: { selectTeam } });
    const post = () =>
      request(app)
        .post(`/v1/logins/${loginId}/team`)
        .set({ ...ofLogin, ...key })
        .send({ teamId });
    const [first, again] = [await post(), await post()];
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect([again.status, again.text]).toEqual([200, first.text]);
    expect(again.headers['event-position']).toBe('77');
    expect(again.headers['content-type']).toBe('application/json');
    expect(again.headers['cache-control']).toBe('no-store');
    expect(setCookiesOf(first)).toHaveLength(2);
    expect(setCookiesOf(again)).toEqual(setCookiesOf(first));
    expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    expect(selectTeam.calls).toHaveLength(1);
  });

  it('gets the device token of the first one, also when it comes with it', async () => {
    let made = 0;
    const newDeviceToken = () => String((made += 1)).padStart(43, 'n');
    const { app } = fakeService({ tokens: { ...tokens, newDeviceToken } });
    const post = () => request(app).post('/v1/logins').set(key);
    const first = await post().send(credentials);
    const again = await post().send(credentials);
    const withToken = await post()
      .set('X-Device-Token', first.headers['x-device-token'] as string)
      .send(credentials);
    expect(again.headers['x-device-token']).toBe(first.headers['x-device-token']);
    expect(setCookiesOf(again)).toEqual(setCookiesOf(first));
    expect(withToken.headers['idempotency-replayed']).toBe('true');
  });

  it('gets a refusal again too', async () => {
    const startLogin = refused(new DomainError('invalid-credentials'));
    const { app } = fakeService({ useCases: { startLogin } });
    const post = () => request(app).post('/v1/logins').set(key).send(credentials);
    const [first, again] = [await post(), await post()];
    expect([again.status, again.text]).toEqual([401, first.text]);
    expect(again.headers['content-type']).toBe('application/problem+json');
    expect(again.headers['www-authenticate']).toBe('Bearer');
    expect(startLogin.calls).toHaveLength(1);
  });

  it.each([
    ['an outage', new Unavailable('event-store')],
    ['a fault', new Error('broken')],
    ['a limit', new DomainError('too-many-attempts', { retryAfterSeconds: 1 })],
    ['a lost race', new WrongExpectedRevision()],
  ])('runs again after %s', async (_what, error) => {
    const startLogin = refused(error);
    const { app } = fakeService({ useCases: { startLogin } });
    const post = () => request(app).post('/v1/logins').set(key).send(credentials);
    await post();
    expect((await post()).headers).not.toHaveProperty('idempotency-replayed');
    expect(startLogin.calls).toHaveLength(2);
  });

  it('waits for the first one to end', async () => {
    const [begun, ended] = [new EventEmitter(), new EventEmitter()];
    const resendVerification = async () => {
      begun.emit('now');
      await once(ended, 'now');
      return { position: 1n };
    };
    const { app } = fakeService({ useCases: { resendVerification } });
    const post = () => request(app).post('/v1/registrations/resend').set(key).send({ email: 'ada@example.com' });
    const running = once(begun, 'now');
    const first = post().then((response) => response.status);
    await running;
    const second = await post();
    expect(second.status).toBe(409);
    expect(second.headers['retry-after']).toBe('1');
    expect(second.body).toMatchObject({ type: 'urn:problem:idempotency-in-progress' });
    ended.emit('now');
    expect(await first).toBe(202);
  });
});

it('a key is free again after an answer that cannot be written', async () => {
  const idempotency = memoryIdempotency();
  const unwritable = { ...grantFor('bearer'), expiresIn: 1n as unknown as number };
  const { app } = fakeService({ idempotency, useCases: { selectTeam: () => Promise.resolve(unwritable) } });
  const response = await request(app)
    .post(`/v1/logins/${loginId}/team`)
    .set({ ...ofLogin, ...key })
    .send({ teamId });
  expect(response.status).toBe(500);
  expect(idempotency.kept.size).toBe(0);
});

describe('a key', () => {
  it('cannot be used for a different request', async () => {
    const { app } = fakeService();
    await request(app).post('/v1/logins').set(key).send(credentials);
    const other = await request(app)
      .post('/v1/logins')
      .set(key)
      .send({ ...credentials, remember: true });
    expect(other.status).toBe(422);
    expect(other.body).toMatchObject({ type: 'urn:problem:idempotency-key-reused' });
  });

  it('does not care for the order or the defaults of fields', async () => {
    const { app } = fakeService();
    const { email, password } = credentials;
    await request(app).post('/v1/logins').set(key).send({ email, password });
    const again = await request(app).post('/v1/logins').set(key).send({ remember: false, password, email });
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  it('counts on its path only, parameters included', async () => {
    const { app } = fakeService();
    const resend = (login: string) =>
      request(app)
        .post(`/v1/logins/${login}/device-approval/resend`)
        .set({ ...ofLogin, ...key });
    expect((await resend(loginId)).status).toBe(200);
    expect((await resend(id(55))).headers).not.toHaveProperty('idempotency-replayed');
    expect((await resend(loginId)).headers).toHaveProperty('idempotency-replayed');
    expect((await request(app).post('/v1/logins').set(key).send(credentials)).status).toBe(200);
  });

  it('counts for its caller only', async () => {
    const getOther = { Authorization: `Bearer ${tokens.issue('login', [userId, id(56)])}` };
    const { app } = fakeService();
    const resend = (headers: Record<string, string>) =>
      request(app)
        .post(`/v1/logins/${loginId}/device-approval/resend`)
        .set({ ...headers, ...key });
    await resend(ofLogin);
    expect((await resend(getOther)).headers).not.toHaveProperty('idempotency-replayed');
    expect((await resend(ofLogin)).headers).toHaveProperty('idempotency-replayed');
  });

  it('of a stranger counts for its address only', async () => {
    const { app } = fakeService({ trustProxy: ['loopback'] });
    const post = (ip: string) =>
      request(app)
        .post('/v1/logins')
        .set({ ...key, 'X-Forwarded-For': ip })
        .send(credentials);
    await post('203.0.113.7');
    expect((await post('203.0.113.8')).headers).not.toHaveProperty('idempotency-replayed');
    expect((await post('203.0.113.7')).headers).toHaveProperty('idempotency-replayed');
  });

  it('of a refresh by cookie counts for that cookie only', async () => {
    const { app } = fakeService();
    const refresh = (generation: number) =>
      request(app)
        .post('/v1/sessions/refresh')
        .set({ ...key, 'X-CSRF-Token': csrfToken })
        .set('Cookie', cookies.Cookie.replace(/~0$/, `~${generation}`));
    await refresh(0);
    expect((await refresh(1)).headers).not.toHaveProperty('idempotency-replayed');
    expect((await refresh(0)).headers).toHaveProperty('idempotency-replayed');
  });

  it.each([
    ['empty', ''],
    ['256 characters', 'k'.repeat(256)],
    ['a space', 'a b'],
    ['an umlaut', 'sch\u00fcssel'],
  ])('with %s is refused', async (_what, value) => {
    const response = await request(fakeService().app)
      .post('/v1/logins')
      .set('Idempotency-Key', value)
      .send(credentials);
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ errors: [{ pointer: '/header/Idempotency-Key' }] });
  });

  it('is stored neither with the body nor with its token in the clear', async () => {
    const idempotency = memoryIdempotency();
    const { app } = fakeService({ idempotency });
    await request(app).post('/v1/logins').set(key).send(credentials);
    const [[name, { fingerprint }] = ['', { fingerprint: '' }]] = [...idempotency.kept];
    expect(name + fingerprint).not.toContain(credentials.password);
    expect(name + fingerprint).not.toContain(credentials.email);
    expect(fingerprint).toMatch(/^[\w-]{43}$/);
  });

  it('means nothing to a request that is refused before it begins', async () => {
    const idempotency = memoryIdempotency();
    const { app } = fakeService({ idempotency });
    await request(app).post('/v1/logins').set(key).send({ email: 'nobody' });
    await request(app).post(`/v1/logins/${loginId}/team`).set(key).send({ teamId });
    expect(idempotency.kept.size).toBe(0);
  });
});

describe('the store of answers', () => {
  it('being away before the request is a 503, and nothing is run', async () => {
    const startLogin = refused(new Error('not to be called'));
    const idempotency = { begin: () => Promise.reject(new Unavailable('database')) };
    const response = await request(fakeService({ idempotency, useCases: { startLogin } }).app)
      .post('/v1/logins')
      .set(key)
      .send(credentials);
    expect(response.status).toBe(503);
    expect(startLogin.calls).toEqual([]);
  });

  it('being away after it does not take the answer from the caller', async () => {
    const away = () => Promise.reject(new Unavailable('database'));
    const idempotency = { begin: () => Promise.resolve({ kind: 'run' as const, finish: away, abandon: away }) };
    const { app, logged } = fakeService({ idempotency });
    expect((await request(app).post('/v1/logins').set(key).send(credentials)).status).toBe(200);
    expect(logged).toContainEqual(expect.objectContaining({ level: 40, msg: 'idempotent answer not stored' }));
  });
});
