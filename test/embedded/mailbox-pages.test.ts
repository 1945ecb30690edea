/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- Postmark's model classes are plain shapes */
import { request } from 'node:http';
import { once } from 'node:events';
import { ServerClient } from 'postmark';
import { expect, onTestFinished, test } from 'vitest';
import { startMailSandbox } from '../../src/embedded/mail-sandbox/start-mail-sandbox.ts';
import { temporaryFolder } from './support.ts';

const nasty = `<script>alert("1")</script> & 'two'`;

async function mailbox(): Promise<{ url: string; send: (change: object) => Promise<string> }> {
  let count = 0;
  const sandbox = await startMailSandbox({
    folder: await temporaryFolder(),
    port: 0,
    now: () => new Date('2026-03-01T10:00:00Z'),
    newId: () => `id-${(count += 1)}`,
  });
  onTestFinished(() => sandbox.close());
  const client = new ServerClient('any', { useHttps: false, requestHost: new URL(sandbox.url).host });
  const mail = { From: 'panel@example.com', To: 'ann@example.com', Subject: 'Hello', TextBody: 'Hi' };
  return { url: sandbox.url, send: async (change) => (await client.sendEmail({ ...mail, ...change })).MessageID };
}

const page = async (url: string): Promise<string> => (await fetch(url)).text();

test('the list shows to whom, what and when, with links that open in a new tab', async () => {
  const { url, send } = await mailbox();
  expect(await page(url)).toContain('Mail that the service sends shows up here.');
  await send({
    HtmlBody:
      '<p><a class="button" href="http://127.0.0.1:8080/verify?token=a&amp;next=%2F">Confirm <b>address</b></a></p>',
    TextBody: 'Confirm: http://127.0.0.1:8080/verify?token=a&next=%2F.',
  });
  const list = await page(url);
  expect(list).toContain('<a class="subject" href="/messages/id-1">Hello</a>');
  expect(list).toContain('<a href="/?to=ann%40example.com">ann@example.com</a>');
  expect(list).toContain('2026-03-01 10:00:00 UTC');
  const link = 'href="http://127.0.0.1:8080/verify?token=a&amp;next=%2F"';
  expect(list.split(link)).toHaveLength(2);
  expect(list).toMatch(
    new RegExp(`<a ${link.replace('?', '\\?')} [^>]*target="_blank" rel="noreferrer noopener">Confirm address</a>`),
  );
  expect(list).toContain('http-equiv="refresh"');
});

test('the list can be narrowed to one address', async () => {
  const { url, send } = await mailbox();
  await send({ Subject: 'For Ann' });
  await send({ Subject: 'For Ben', To: 'ben@example.com' });
  const list = await page(`${url}/?to=ben%40example.com`);
  expect(list).toContain('For Ben');
  expect(list).not.toContain('For Ann');
  expect(await page(`${url}/?to=${encodeURIComponent(nasty)}`)).not.toContain('<script');
});

test('everything a message says is escaped', async () => {
  const { url, send } = await mailbox();
  const id = await send({
    Subject: nasty,
    From: `"<script>" <panel@example.com>`,
    Tag: nasty,
    Metadata: { '<script>': '<script>' },
    TextBody: `${nasty} https://example.com/"onmouseover="alert(1)`,
    HtmlBody: `<a href="javascript:alert(1)">run</a><a href="https://example.com/&quot;><script>">${nasty}</a>`,
  });
  for (const path of ['/', `/messages/${id}`]) {
    const body = await page(`${url}${path}`);
    expect(body).not.toContain('<script');
    expect(body).not.toContain('javascript:');
    expect(body).not.toMatch(/<[^>]*\sonmouseover=/);
    expect(body).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;two&#39;');
  }
});

test('a message shows its HTML in a frame without rights, and its text with links', async () => {
  const { url, send } = await mailbox();
  const id = await send({
    HtmlBody: '<p>Hi <a href="https://example.com">there</a></p>',
    TextBody: 'See https://example.com/x, ok',
  });
  const message = await page(`${url}/messages/${id}`);
  expect(message).toContain(`<iframe src="/messages/${id}/html"`);
  expect(message).toMatch(/<iframe[^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"/);
  expect(message).toContain(
    '<a href="https://example.com/x" target="_blank" rel="noreferrer noopener">https://example.com/x</a>, ok',
  );
  const html = await fetch(`${url}/messages/${id}/html`);
  expect(html.headers.get('Content-Security-Policy')).toMatch(/default-src 'none';.*sandbox allow-popups/);
  expect(html.headers.get('Content-Security-Policy')).not.toContain('allow-scripts');
  expect(await html.text()).toContain('<base target="_blank"><p>Hi');
  const text = await fetch(`${url}/messages/${id}/text`);
  expect(text.headers.get('Content-Type')).toContain('text/plain');
  expect(await text.text()).toBe('See https://example.com/x, ok');
  const none = await fetch(`${url}/messages/none`);
  expect([none.status, none.headers.get('Content-Type')]).toEqual([404, 'text/html; charset=utf-8']);
});

test('pages run no scripts and fetch nothing from elsewhere', async () => {
  const { url, send } = await mailbox();
  const id = await send({});
  for (const path of ['/', `/messages/${id}`]) {
    const response = await fetch(`${url}${path}`);
    const policy = response.headers.get('Content-Security-Policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe-inline|https?:|\*/);
    expect(await response.text()).not.toMatch(/<script|(?:src|href)="(?:https?:)?\/\//);
  }
});

test('the button on the page empties the mailbox, another site does not', async () => {
  const { url, send } = await mailbox();
  await send({});
  const post = (Origin: string): Promise<Response> =>
    fetch(`${url}/messages/empty`, { method: 'POST', headers: { Origin }, redirect: 'manual' });
  expect((await post('https://evil.example')).status).toBe(403);
  expect(await page(url)).toContain('Hello');
  expect((await post(url)).status).toBe(303);
  expect(await page(url)).not.toContain('Hello');
});

test('a foreign name that leads here is not answered', async () => {
  const { url } = await mailbox();
  const sent = request(url, { headers: { Host: 'evil.example' } }).end();
  const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume: () => void }];
  response.resume();
  expect(response.statusCode).toBe(403);
});
