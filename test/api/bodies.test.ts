import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { fakeService, loginId, ofLogin, recording } from './fake-service.ts';

const credentials = { email: 'ada@example.com', password: 'a long enough one' };

describe('a body', () => {
  const post = (changes: Record<string, unknown>) =>
    request(fakeService().app)
      .post('/v1/registrations')
      .send({ ...credentials, name: 'Ada', teamName: 'Acme', ...changes });

  it('that is not valid says where and why, in our words', async () => {
    const response = await post({ email: 'nobody', password: undefined, name: 7, extra: 1, 'a/b~c': 1 });
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({
      type: 'urn:problem:invalid-request',
      errors: [
        { pointer: '/email', detail: 'must be an e-mail address' },
        { pointer: '/password', detail: 'is required' },
        { pointer: '/name', detail: 'must be text' },
        { pointer: '/extra', detail: 'is not known here' },
        { pointer: '/a~1b~0c', detail: 'is not known here' },
      ],
    });
  });

  it.each([
    ['a NUL byte', { name: 'Ada\u0000' }],
    ['a line break', { teamName: 'Ac\nme' }],
    ['half a character', { name: 'Ada\ud800' }],
    ['a mark that turns the direction', { name: 'Ada\u202Ecod.exe' }],
    ['a line separator', { name: 'Ada\u2028Lovelace' }],
    ['nothing but spaces', { teamName: '   ' }],
    ['101 characters', { name: 'a'.repeat(101) }],
    ['an address of 255 characters', { email: `${'a'.repeat(243)}@example.com` }],
    ['an address with a line break', { email: 'ada@example.com\r\nBcc: eve@example.com' }],
    ['an address with a NUL byte', { email: 'ada\u0000@example.com' }],
    ['a password of 1025 characters', { password: 'a'.repeat(1025) }],
    ['half a character in the password', { password: 'a long enough \udc00' }],
    ['a number for a password', { password: 123456789012 }],
    ['a list for an address', { email: ['ada@example.com'] }],
    ['null for a name', { name: null }],
  ])('with %s is refused', async (_what, changes) => {
    const response = await post(changes);
    expect(response.status).toBe(400);
    expect((response.body as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer)).toEqual(
      Object.keys(changes).map((name) => `/${name}`),
    );
  });

  it('keeps names as people write them, trimmed and normalised', async () => {
    const submitRegistration = recording((_request: unknown) => Promise.resolve({ position: undefined }));
    const { app } = fakeService({ useCases: { submitRegistration } });
    const name = ' Zoe\u0308 D\u2019Arcy-\u5c71\u7530 \ud83d\udc69\u200d\ud83d\udcbb ';
    await request(app)
      .post('/v1/registrations')
      .send({ ...credentials, name, teamName: 'Müller & Söhne' });
    expect(submitRegistration.calls[0]?.[0]).toMatchObject({
      name: 'Zo\u00eb D\u2019Arcy-\u5c71\u7530 \ud83d\udc69\u200d\ud83d\udcbb',
      teamName: 'Müller & Söhne',
    });
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString'])('with %s as a field is refused', async (field) => {
    const response = await request(fakeService().app)
      .post('/v1/registrations/resend')
      .type('application/json')
      .send(`{"email":"ada@example.com","${field}":{"admin":true}}`);
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ errors: [{ pointer: `/${field}` }] });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it.each(['{', '"text"', '1', 'null', '{"a":}', '\u0000', '{"email":"a"'])(
    'that is not a JSON object is refused without quoting it: %j',
    async (text) => {
      const response = await request(fakeService().app).post('/v1/logins').type('application/json').send(text);
      expect(response.status).toBe(400);
      expect(response.body).toMatchObject({ type: 'urn:problem:invalid-request' });
      expect(response.text).not.toMatch(/JSON|Unexpected|position|token/);
    },
  );

  it('nested ten thousand deep, or with a number beyond all bounds, is refused', async () => {
    for (const text of [
      '['.repeat(10_000) + ']'.repeat(10_000),
      `{"email":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`,
      '{"email":1e999}',
    ]) {
      const response = await request(fakeService().app).post('/v1/logins').type('application/json').send(text);
      expect(response.status).toBe(400);
    }
  });

  it('over 32 kB is refused', async () => {
    const response = await request(fakeService().app)
      .post('/v1/logins')
      .send({ ...credentials, password: 'x'.repeat(33 * 1024) });
    expect(response.status).toBe(413);
    expect(response.body).toMatchObject({ type: 'urn:problem:payload-too-large', status: 413 });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'multipart/form-data; boundary=x'])(
    'as %s is refused',
    async (type) => {
      const response = await request(fakeService().app).post('/v1/logins').set('Content-Type', type).send('email=a');
      expect(response.status).toBe(415);
      expect(response.body).toMatchObject({ type: 'urn:problem:unsupported-media-type' });
    },
  );

  it('in an unknown encoding is refused', async () => {
    const response = await request(fakeService().app)
      .post('/v1/logins')
      .set({ 'Content-Type': 'application/json', 'Content-Encoding': 'zstd-9000' })
      .send('{}');
    expect(response.status).toBe(415);
  });

  it('is not needed where nothing is asked for', async () => {
    const path = `/v1/logins/${loginId}/device-approval/resend`;
    expect((await request(fakeService().app).post(path).set(ofLogin)).status).toBe(200);
    expect((await request(fakeService().app).post(path).set(ofLogin).send({})).status).toBe(200);
    expect((await request(fakeService().app).post(path).set(ofLogin).send({ code: 1 })).status).toBe(400);
  });
});
