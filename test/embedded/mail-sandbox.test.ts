/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- Postmark's model classes are plain shapes */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { Errors, ServerClient } from 'postmark';
import { expect, onTestFinished, test } from 'vitest';
import { startMailSandbox } from '../../src/embedded/mail-sandbox/start-mail-sandbox.ts';
import type { MailSandbox } from '../../src/embedded/mail-sandbox/start-mail-sandbox.ts';
import { eventually, temporaryFolder } from './support.ts';

const serverToken = 'server-token';
const mail = { From: 'Panel <panel@example.com>', To: 'ann@example.com', Subject: 'Hello', TextBody: 'Hi' };

interface Sandbox extends MailSandbox {
  client: ServerClient;
  control: (state: object) => Promise<Response>;
  messages: (to?: string) => Promise<Record<string, unknown>[]>;
}

async function sandbox(folder: string, { timeout = 5 } = {}): Promise<Sandbox> {
  const started = await startMailSandbox({ folder, port: 0, serverToken, now: () => new Date(), newId: randomUUID });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= started.close());
  onTestFinished(close);
  const client = new ServerClient(serverToken, { useHttps: false, requestHost: new URL(started.url).host, timeout });
  const control = (state: object): Promise<Response> => put(`${started.url}/__control`, state);
  const messages = async (to?: string): Promise<Record<string, unknown>[]> => {
    const query = to === undefined ? '' : `?to=${encodeURIComponent(to)}`;
    return (await (await fetch(`${started.url}/messages${query}`)).json()) as Record<string, unknown>[];
  };
  return { ...started, close, client, control, messages };
}

const put = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'PUT', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });

test('a message sent with the real client is answered as Postmark does and shows up', async () => {
  const { client, messages } = await sandbox(await temporaryFolder());
  const answer = await client.sendEmail({
    ...mail,
    To: '"Doe, Ann" <Ann@example.com>',
    Cc: 'ben@example.com',
    HtmlBody: '<p>Hi</p>',
    Tag: 'welcome',
    Metadata: { outbox_id: '7' },
    Headers: [{ Name: 'X-Kind', Value: 'test' }],
    MessageStream: 'outbound',
  });
  expect(answer).toMatchObject({
    ErrorCode: 0,
    Message: 'OK',
    To: '"Doe, Ann" <Ann@example.com>',
    Cc: 'ben@example.com',
  });
  expect(Date.parse(answer.SubmittedAt)).not.toBeNaN();
  const expected = {
    MessageID: answer.MessageID,
    ReceivedAt: answer.SubmittedAt,
    From: mail.From,
    To: '"Doe, Ann" <Ann@example.com>',
    Subject: 'Hello',
    HtmlBody: '<p>Hi</p>',
    TextBody: 'Hi',
    Tag: 'welcome',
    Metadata: { outbox_id: '7' },
    Headers: [{ Name: 'X-Kind', Value: 'test' }],
  };
  expect(await messages('ann@EXAMPLE.com')).toMatchObject([expected]);
  expect(await messages('ben@example.com')).toHaveLength(1);
  expect(await messages('someone@example.com')).toEqual([]);
});

test('messages are listed newest first', async () => {
  const { client, messages } = await sandbox(await temporaryFolder());
  for (const Subject of ['one', 'two', 'three']) await client.sendEmail({ ...mail, Subject });
  expect((await messages('ann@example.com')).map(({ Subject }) => Subject)).toEqual(['three', 'two', 'one']);
});

test('each message of a batch has an answer of its own', async () => {
  const { client, messages } = await sandbox(await temporaryFolder());
  const answers = await client.sendEmailBatch([mail, { ...mail, To: 'nobody' }, { ...mail, To: 'ben@example.com' }]);
  expect(answers.map(({ ErrorCode }) => ErrorCode)).toEqual([0, 300, 0]);
  expect(await messages()).toHaveLength(2);
});

test('a send whose answer was lost is found by its metadata', async () => {
  const { client, control } = await sandbox(await temporaryFolder(), { timeout: 0.2 });
  await client.sendEmail({ ...mail, Metadata: { outbox_id: 'other' } });
  await control({ mode: 'hang', when: 'after' });
  await expect(client.sendEmail({ ...mail, Metadata: { outbox_id: '42' } })).rejects.toThrow(/timeout/);
  await control({ mode: 'ok' });
  const found = await client.getOutboundMessages({ count: 1, offset: 0, metadata_outbox_id: '42' });
  expect(found).toMatchObject({ TotalCount: 1 });
  expect(found.Messages).toMatchObject([
    {
      To: [{ Email: 'ann@example.com' }],
      Recipients: ['ann@example.com'],
      Status: 'Sent',
      Metadata: { outbox_id: '42' },
    },
  ]);
  const details = await client.getOutboundMessageDetails(found.Messages[0]?.MessageID ?? '');
  expect(details).toMatchObject({ TextBody: 'Hi', Subject: 'Hello' });
  expect(await client.getOutboundMessages({ metadata_outbox_id: '43' })).toMatchObject({ TotalCount: 0, Messages: [] });
  expect(await client.getOutboundMessages({ recipient: 'ann@example.com', count: 1, offset: 1 })).toMatchObject({
    TotalCount: 2,
    Messages: [{ Metadata: { outbox_id: 'other' } }],
  });
  await expect(client.getOutboundMessageDetails('unknown')).rejects.toMatchObject({ code: 701, statusCode: 422 });
});

test('a wrong token is refused', async () => {
  const { url } = await sandbox(await temporaryFolder());
  const stranger = new ServerClient('another', { useHttps: false, requestHost: new URL(url).host });
  await expect(stranger.sendEmail(mail)).rejects.toBeInstanceOf(Errors.InvalidAPIKeyError);
  const without = await fetch(`${url}/email`, { method: 'POST', body: JSON.stringify(mail) });
  expect([without.status, await without.json()]).toMatchObject([401, { ErrorCode: 10 }]);
});

test.each([
  ['no recipient', { To: '' }],
  ['a recipient without a domain', { To: 'ann' }],
  ['one bad recipient of two', { To: 'ann@example.com, <ben' }],
  ['a bad sender', { From: 'panel' }],
  ['two senders', { From: 'a@example.com, b@example.com' }],
  ['a bad reply address', { ReplyTo: 'no one' }],
  ['no body', { TextBody: '' }],
  ['51 recipients', { To: Array.from({ length: 51 }, (_, n) => `n${n}@example.com`).join(',') }],
  ['metadata too long', { Metadata: { key: 'x'.repeat(81) } }],
  ['too much metadata', { Metadata: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, 'v'])) }],
  ['a subject too long', { Subject: 'x'.repeat(2_001) }],
])('a message the real service would not take is refused: %s', async (_what, change) => {
  const { client, messages } = await sandbox(await temporaryFolder());
  const refused = client.sendEmail({ ...mail, ...change });
  await expect(refused).rejects.toMatchObject({ code: 300, statusCode: 422 });
  await expect(refused).rejects.toBeInstanceOf(Errors.InvalidEmailRequestError);
  expect(await messages()).toEqual([]);
});

test('what is no JSON, or no list where one must be, is refused', async () => {
  const { url } = await sandbox(await temporaryFolder());
  const headers = { 'X-Postmark-Server-Token': serverToken, 'Content-Type': 'application/json' };
  for (const [path, body] of [
    ['/email', '{'],
    ['/email/batch', '{}'],
  ] as const) {
    const response = await fetch(`${url}${path}`, { method: 'POST', body, headers });
    expect([response.status, await response.json()]).toMatchObject([422, { ErrorCode: 402 }]);
  }
});

test('mail to a suppressed address is refused as inactive, and goes to the others', async () => {
  const { url, client } = await sandbox(await temporaryFolder());
  expect((await put(`${url}/__control/suppressions`, ['Ann@example.com'])).status).toBe(200);
  const refused: unknown = await client.sendEmail(mail).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Errors.InactiveRecipientsError);
  expect(refused).toMatchObject({ code: 406, statusCode: 422, recipients: ['ann@example.com'] });
  const partly = await client.sendEmail({ ...mail, To: 'ann@example.com, ben@example.com' });
  expect(partly).toMatchObject({ ErrorCode: 0, Message: expect.stringContaining('ann@example.com') as string });
  expect((await put(`${url}/__control/suppressions`, { no: 'list' })).status).toBe(400);
  await put(`${url}/__control/suppressions`, []);
  await client.sendEmail(mail);
});

test.each([
  [{ mode: 'fail' }, Errors.InternalServerError, { statusCode: 500 }],
  [{ mode: 'fail', status: 503, errorCode: 100 }, Errors.ServiceUnavailablerError, { statusCode: 503, code: 100 }],
  [{ mode: 'fail', status: 401 }, Errors.InvalidAPIKeyError, { statusCode: 401, code: 10 }],
  [{ mode: 'fail', status: 422, errorCode: 406 }, Errors.InactiveRecipientsError, { statusCode: 422, code: 406 }],
  [{ mode: 'fail', status: 429, errorCode: 429 }, Errors.RateLimitExceededError, { statusCode: 429, code: 429 }],
])('it fails as told: %j', async (state, type, expected) => {
  const { client, control, messages } = await sandbox(await temporaryFolder());
  expect((await control(state)).status).toBe(200);
  const error: unknown = await client.sendEmail(mail).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject(expected);
  expect(await messages()).toEqual([]);
  await control({ mode: 'ok' });
  await client.sendEmail(mail);
  expect(await messages()).toHaveLength(1);
});

test('garbage is an answer that is no JSON', async () => {
  const { client, control, messages } = await sandbox(await temporaryFolder());
  await control({ mode: 'garbage' });
  expect(await client.sendEmail(mail)).toContain('<html>');
  expect(await messages()).toEqual([]);
});

test('a hanging service never answers, while the mailbox does, and can be closed', async () => {
  const { client, control, messages, close, url } = await sandbox(await temporaryFolder(), { timeout: 0.2 });
  await control({ mode: 'hang' });
  await expect(client.sendEmail(mail)).rejects.toMatchObject({ statusCode: 0 });
  expect(await messages()).toEqual([]);
  expect((await fetch(`${url}/`)).status).toBe(200);
  const waiting = fetch(`${url}/email`, { method: 'POST', body: '{}' });
  waiting.catch(() => undefined);
  await close();
  await expect(waiting).rejects.toThrow('fetch failed');
});

test('a slow service answers after its delay', async () => {
  const { client, control, messages } = await sandbox(await temporaryFolder());
  expect(await (await control({ mode: 'slow', delayMs: 150 })).json()).toMatchObject({ mode: 'slow', delayMs: 150 });
  const begin = performance.now();
  await client.sendEmail(mail);
  expect(performance.now() - begin).toBeGreaterThanOrEqual(145);
  expect(await messages()).toHaveLength(1);
});

test('a slow service records nothing for a client that has left', async () => {
  const { client, control, messages, url } = await sandbox(await temporaryFolder(), { timeout: 0.1 });
  await control({ mode: 'slow', delayMs: 60_000 });
  await expect(client.sendEmail(mail)).rejects.toMatchObject({ statusCode: 0 });
  await control({ mode: 'ok' });
  await client.sendEmail({ ...mail, Subject: 'later' });
  expect(await messages()).toMatchObject([{ Subject: 'later' }]);
  expect(await (await fetch(`${url}/__control`)).json()).toMatchObject({ mode: 'ok' });
});

test.each([
  { mode: 'explode' },
  {},
  [],
  { mode: 'slow', delayMs: -1 },
  { mode: 'fail', status: 200 },
  { mode: 'ok', other: 1 },
])('an unknown switch is a problem: %j', async (state) => {
  const { control, client } = await sandbox(await temporaryFolder());
  const response = await control(state);
  expect(response.status).toBe(400);
  expect(response.headers.get('Content-Type')).toContain('application/problem+json');
  expect(await response.json()).toMatchObject({ status: 400, detail: expect.any(String) as string });
  await client.sendEmail(mail);
});

test('messages outlive the process, also with a last line that a crash cut short', async () => {
  const folder = await temporaryFolder();
  const first = await sandbox(folder);
  await first.client.sendEmailBatch([mail, { ...mail, Subject: 'second' }]);
  await first.close();
  await appendFile(join(folder, 'messages.ndjson'), '{"MessageID":"half","Rec');
  const second = await sandbox(folder);
  expect((await second.messages()).map(({ Subject }) => Subject)).toEqual(['second', 'Hello']);
  await second.client.sendEmail({ ...mail, Subject: 'third' });
  await second.close();
  const third = await sandbox(folder);
  expect((await third.messages()).map(({ Subject }) => Subject)).toEqual(['third', 'second', 'Hello']);
});

test('a message is on the disk when it is answered', async () => {
  const folder = await temporaryFolder();
  const { client } = await sandbox(folder);
  const { MessageID } = await client.sendEmail(mail);
  expect(await readFile(join(folder, 'messages.ndjson'), 'utf8')).toContain(MessageID);
});

test('the newest 1,000 are kept, and the file does not grow for ever', async () => {
  const folder = await temporaryFolder();
  const { client, messages } = await sandbox(folder);
  for (let batch = 0; batch < 5; batch += 1) {
    await client.sendEmailBatch(Array.from({ length: 500 }, (_, n) => ({ ...mail, Subject: String(batch * 500 + n) })));
  }
  const kept = await messages();
  expect(kept).toHaveLength(1_000);
  expect([kept[0]?.['Subject'], kept[999]?.['Subject']]).toEqual(['2499', '1500']);
  const lines = (await readFile(join(folder, 'messages.ndjson'), 'utf8')).trim().split('\n');
  expect(lines.length).toBeLessThanOrEqual(2_000);
  expect(lines.at(-1)).toContain('"2499"');
  await expect(client.sendEmailBatch(Array.from({ length: 501 }, () => mail))).rejects.toMatchObject({
    code: 410,
    statusCode: 422,
  });
});

test('the mailbox can be emptied', async () => {
  const folder = await temporaryFolder();
  const { client, messages, url, close } = await sandbox(folder);
  await client.sendEmail(mail);
  expect((await fetch(`${url}/messages`, { method: 'DELETE' })).status).toBe(204);
  expect(await messages()).toEqual([]);
  await client.sendEmail({ ...mail, Subject: 'after' });
  await close();
  expect(await (await sandbox(folder)).messages()).toMatchObject([{ Subject: 'after' }]);
});

test('many sends at once are all kept', async () => {
  const { client, messages } = await sandbox(await temporaryFolder());
  await Promise.all(Array.from({ length: 50 }, (_, n) => client.sendEmail({ ...mail, Subject: String(n) })));
  await eventually('all are listed', async () => (await messages()).length === 50);
});
