import { createHash } from 'node:crypto';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { html } from '../../src/api/pages/html.ts';
import { Unavailable } from '../../src/application/ports.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { deviceToken, fakeService, recording, setCookiesOf } from './fake-service.ts';

const token = 'AbC-123_xyz';
const press = (app: ReturnType<typeof fakeService>['app'], body: string | object = { token }) =>
  request(app).post('/verify').type('form').send(body);

describe('the page behind the link of the mail', () => {
  it('asks for a click and uses nothing up, whoever opens it', async () => {
    const verifyEmail = recording((_request: unknown) => Promise.resolve({ position: 12n }));
    const { app } = fakeService({ useCases: { verifyEmail } });
    const opened = await request(app).get(`/verify?token=${token}&utm_source=mail`);
    const scanned = await request(app).head(`/verify?token=${token}`);
    expect([opened.status, scanned.status]).toEqual([200, 200]);
    expect(opened.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(opened.text).toMatch(/<form method="post" action="\/verify">/);
    expect(opened.text.match(/<button/g)).toHaveLength(1);
    expect(opened.text).toContain(`<input type="hidden" name="token" value="${token}" />`);
    expect(setCookiesOf(opened)).toEqual([]);
    expect(verifyEmail.calls).toEqual([]);
  });

  it('runs no script and loads nothing of anybody else', async () => {
    const { text, headers } = await request(fakeService().app).get(`/verify?token=${token}`);
    const style = /<style>(.*?)<\/style>/s.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    );
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cache-control']).toBe('no-store');
    expect(text).not.toMatch(/<script|javascript:|https?:|style="|<img|<link/);
    expect(style).toContain('prefers-color-scheme: dark');
  });

  it.each([
    '',
    '?token=',
    '?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E',
    `?token=${'a'.repeat(513)}`,
    '?token=a&token=b',
  ])('says in words that the link is broken: %s', async (query) => {
    const { status, headers, text } = await request(fakeService().app).get(`/verify${query}`);
    expect(status).toBe(400);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toContain('This link does not work');
    expect(text).not.toContain('<script');
  });
});

describe('the button', () => {
  it('confirms the address, with the device it is pressed on', async () => {
    const verifyEmail = recording((_request: unknown) => Promise.resolve({ position: 12n }));
    const { app } = fakeService({ useCases: { verifyEmail } });
    const response = await press(app).set('Cookie', `__Host-device=${deviceToken}`);
    expect(response.status).toBe(200);
    expect(response.text).toContain('Your address is confirmed');
    expect(response.text).toContain('You can log in now');
    expect(response.headers['event-position']).toBe('12');
    expect(verifyEmail.calls[0]?.[0]).toEqual({ token, deviceToken });
  });

  it('works from a page that sends no referrer, and so no origin', async () => {
    const response = await press(fakeService().app).set({ Origin: 'null', 'Sec-Fetch-Site': 'same-origin' });
    expect(response.status).toBe(200);
  });

  it('cannot be pressed by another site', async () => {
    const response = await press(fakeService().app).set({
      Origin: 'https://evil.example',
      'Sec-Fetch-Site': 'cross-site',
    });
    expect(response.status).toBe(403);
    expect(response.text).toContain('This did not come from our page');
  });

  it.each([
    ['used', new DomainError('verification-token-used'), 409, 'This link has been used'],
    ['too old', new DomainError('verification-token-expired'), 410, 'This link is too old'],
    ['not one of ours', new DomainError('verification-token-invalid'), 400, 'This link does not work'],
    ['good while something is away', new Unavailable('event-store'), 503, 'That did not work just now'],
    ['good while something is broken', new Error('secret detail'), 500, 'That did not work just now'],
  ])('says in words that the link is %s', async (_what, error, status, words) => {
    const response = await press(fakeService({ useCases: { verifyEmail: () => Promise.reject(error) } }).app);
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(response.headers['content-security-policy']).toContain("default-src 'none'");
    expect(response.text).toContain(words);
    expect(response.text).toContain(response.headers['x-request-id'] as string);
    expect(response.text).not.toContain('secret detail');
  });

  it('takes a form of 4 kB with the token alone, and answers a page all the same', async () => {
    const { app } = fakeService();
    const refused = [
      [await press(app, { token: 'a'.repeat(5000) }), 413],
      [await press(app, { token, admin: '1' }), 400],
      [await press(app, ''), 400],
      [await request(app).post('/verify').send({ token }), 415],
    ] as const;
    for (const [response, status] of refused) {
      expect(response.status).toBe(status);
      expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    }
  });
});

describe('the front page', () => {
  it('leads to the documentation and, where there is one, the mailbox', async () => {
    const withMailbox = await request(fakeService().app).get('/');
    expect(withMailbox.text).toContain('MBPanel Auth');
    expect(withMailbox.text).toContain('href="/docs"');
    expect(withMailbox.text).toContain('href="http://localhost:8025"');
    const without = await request(fakeService({ links: {} }).app).get('/');
    expect(without.text).not.toContain('mailbox');
  });
});

describe('the documentation', () => {
  it('comes from our own disk, with scripts of ours only', async () => {
    const { app } = fakeService();
    for (const path of ['/docs', '/docs/']) {
      const page = await request(app).get(path);
      expect(page.status).toBe(200);
      expect(page.headers['content-security-policy']).toContain("script-src 'self';");
      const paths = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset]) => asset ?? '');
      expect(paths).toHaveLength(4);
      for (const asset of paths) expect((await request(app).get(asset)).status).toBe(200);
      expect(page.text).not.toMatch(/<script>|https?:/);
    }
  });

  it('is no way into the folder it lies in', async () => {
    const { app } = fakeService();
    for (const path of [
      '/docs/package.json',
      '/docs/%2e%2e%2fpackage.json',
      '/docs/..%2f..%2fpackage.json',
      '/docs/index.js',
    ]) {
      expect((await request(app).get(path)).status).toBe(404);
    }
  });
});

it('markup escapes whatever is put into it', () => {
  expect(html`<p title="${`"'<&>`}">${[html`<b>${'<i>'}</b>`]}</p>`.markup).toBe(
    '<p title="&quot;&#39;&lt;&amp;&gt;"><b>&lt;i&gt;</b></p>',
  );
});
