import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { postmarkMailer } from '../../src/adapters/postmark-mailer.ts';
import { Unavailable, type Mail } from '../../src/application/ports.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const mail: Mail = {
  to: 'jürgen@example.org',
  subject: 'Your code',
  text: 'It is 123456',
  html: '<p>It is 123456</p>',
  tag: 'device-code',
  messageId: '0192a000-0000-8000-8000-000000000009',
};

let answer: Answer;
let received: { url: string; headers: IncomingMessage['headers']; body: string }[] = [];
const provider = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    received.push({ url: request.url ?? '', headers: request.headers, body });
    answer(request, response, body);
  });
});
provider.listen(0, '127.0.0.1');
await once(provider, 'listening');
const { port } = provider.address() as AddressInfo;

const json =
  (status: number, body: unknown): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

const options = { serverToken: 'token-1', from: 'panel@example.com', timeoutSeconds: 0.3 };
const open = () => postmarkMailer({ ...options, apiUrl: `http://127.0.0.1:${port}`, messageStream: 'transactional' });

beforeEach(() => {
  received = [];
});
afterAll(() => {
  provider.closeAllConnections();
  provider.close();
});

describe('a mail', () => {
  it('goes to the provider with everything that makes it findable', async () => {
    answer = json(200, { ErrorCode: 0, Message: 'OK', MessageID: 'provider-1', To: mail.to });
    expect(await open().send(mail)).toEqual({ kind: 'sent', providerMessageId: 'provider-1' });
    expect(received).toMatchObject([{ url: '/email', headers: { 'x-postmark-server-token': 'token-1' } }]);
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
      From: 'panel@example.com',
      To: mail.to,
      Subject: mail.subject,
      TextBody: mail.text,
      HtmlBody: mail.html,
      Tag: mail.tag,
      Metadata: { messageId: mail.messageId },
      MessageStream: 'transactional',
    });
  });

  it.each([
    [406, 'You tried to send to recipients that have been marked as inactive.', 'inactive-recipient'],
    [300, "Error parsing 'To': Illegal email address 'x'.", 'invalid-recipient'],
  ])('refused for its recipient (%i) is an outcome', async (code, message, reason) => {
    for (const status of [422, 200]) {
      answer = json(status, { ErrorCode: code, Message: message });
      expect(await open().send(mail)).toEqual({ kind: 'rejected', reason });
    }
  });

  it.each<[string, number, Answer]>([
    ['server error', 5, json(500, { ErrorCode: 500, Message: 'no' })],
    ['maintenance', 5, json(503, { ErrorCode: 100, Message: 'no' })],
    ['gateway timeout', 5, (_, response) => response.writeHead(504).end('<html>')],
    ['request timeout', 5, (_, response) => response.writeHead(408).end()],
    ['too many requests', 60, json(429, { ErrorCode: 429, Message: 'no' })],
    ['success without JSON', 5, (_, response) => response.writeHead(200).end('<html>hello</html>')],
    ['success without a body', 5, (_, response) => response.writeHead(200).end()],
    ['success without an id', 5, json(200, { ErrorCode: 0, Message: 'OK' })],
    ['no answer', 5, () => undefined],
    ['reset', 5, (request) => request.socket.destroy()],
    [
      'a body that stalls',
      5,
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('{"Err');
      },
    ],
    ['wrong address of the API', 300, (_, response) => response.writeHead(404).end()],
  ])('may be tried again after: %s', async (_, retryAfterSeconds, given) => {
    answer = given;
    const error: unknown = await open()
      .send(mail)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Unavailable);
    expect(error).toMatchObject({ what: 'mail', retryAfterSeconds });
  });

  it.each<[string, 'token-refused' | 'account', Answer]>([
    ['bad token', 'token-refused', json(401, { ErrorCode: 10, Message: 'no' })],
    ['unknown sender', 'account', json(422, { ErrorCode: 400, Message: 'no' })],
    ['unconfirmed sender', 'account', json(422, { ErrorCode: 401, Message: 'no' })],
    ['malformed sender', 'account', json(422, { ErrorCode: 300, Message: "Invalid 'From' address: 'x'." })],
    ['no credits', 'account', json(422, { ErrorCode: 405, Message: 'no' })],
    ['account pending', 'account', json(422, { ErrorCode: 412, Message: 'no' })],
    ['account may not send', 'account', json(422, { ErrorCode: 413, Message: 'no' })],
  ])('is refused because of us, and no mail would leave: %s', async (_, reason, given) => {
    answer = given;
    const mailer = open();
    for (let attempt = 0; attempt < 6; attempt += 1)
      expect(await mailer.send(mail)).toEqual({ kind: 'refused', reason });
    expect(mailer.status()).toBe('closed');
  });

  it('may be tried again when nobody listens, and after five times nobody is asked for a second', async () => {
    const mailer = postmarkMailer({ ...options, apiUrl: 'http://127.0.0.1:1' });
    for (let attempt = 0; attempt < 6; attempt += 1) await expect(mailer.send(mail)).rejects.toThrow(Unavailable);
    expect(mailer.status()).toBe('open');
  });

  it('that can never be accepted is a bug, not an outage', async () => {
    answer = json(422, { ErrorCode: 403, Message: 'Incompatible JSON' });
    const mailer = open();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await expect(mailer.send(mail)).rejects.toThrow('Incompatible JSON');
      await expect(mailer.send(mail)).rejects.not.toThrow(Unavailable);
    }
    expect(mailer.status()).toBe('closed');
  });
});

describe('whether a mail has left', () => {
  const found = (messageId: string) => ({ MessageID: 'provider-1', Metadata: { messageId } });

  it('is asked by the id in its metadata', async () => {
    answer = json(200, { TotalCount: 1, Messages: [found(mail.messageId)] });
    expect(await open().find(mail.messageId)).toEqual({ providerMessageId: 'provider-1' });
    const query = new URL(received[0]?.url ?? '', 'http://x').searchParams;
    expect(query.get('metadata_messageId')).toBe(mail.messageId);
  });

  it('is denied when nothing is found, or something else', async () => {
    answer = json(200, { TotalCount: 0, Messages: [] });
    expect(await open().find(mail.messageId)).toBeUndefined();
    answer = json(200, { TotalCount: 1, Messages: [found('another'), { MessageID: 'provider-2' }] });
    expect(await open().find(mail.messageId)).toBeUndefined();
  });

  it.each<[string, Answer]>([
    ['server error', json(500, {})],
    ['garbage', (_, response) => response.writeHead(200).end('<html>')],
    ['no answer', () => undefined],
    ['bad token', json(401, { ErrorCode: 10, Message: 'no' })],
  ])('is unknown after: %s', async (_, given) => {
    answer = given;
    await expect(open().find(mail.messageId)).rejects.toThrow(Unavailable);
  });
});

describe('our token', () => {
  it('is taken, refused, or nobody knows', async () => {
    answer = json(200, { ID: 1, Name: 'Ours' });
    expect(await open().acceptsUs()).toBe(true);
    answer = json(401, { ErrorCode: 10, Message: 'no' });
    expect(await open().acceptsUs()).toBe(false);
    answer = json(500, {});
    await expect(open().acceptsUs()).rejects.toThrow(Unavailable);
  });
});
