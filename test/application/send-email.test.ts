import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { sendEmail, settlingMs, type EmailRequest } from '../../src/application/emails/send-email.ts';
import { Unavailable, type Mail, type MailOutcome, type Mailer } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import { personalData, register, somebody, someContext, submit, tokens, type Person } from '../workers/stories.ts';

/** A provider that remembers what reached it; `fate` says what the caller gets to see of that. */
function provider() {
  const received: Mail[] = [];
  let fate: 'answers' | 'is lost on the way' | 'takes it and says nothing' | 'refuses' | 'waits' = 'answers';
  let wake: () => void = () => undefined;
  const mailer: Mailer = {
    send: async (mail): Promise<MailOutcome> => {
      if (fate === 'is lost on the way') throw new Unavailable('mail');
      if (fate === 'refuses') return { kind: 'rejected', reason: 'inactive-recipient' };
      received.push(mail);
      if (fate === 'takes it and says nothing') throw new Unavailable('mail');
      if (fate === 'waits') await new Promise<void>((resolve) => (wake = resolve));
      return { kind: 'sent', providerMessageId: `provider-${mail.messageId}` };
    },
    acceptsUs: () => Promise.resolve(true),
    find: (messageId) =>
      Promise.resolve(
        received.some((mail) => mail.messageId === messageId)
          ? { providerMessageId: `provider-${messageId}` }
          : undefined,
      ),
  };
  return {
    mailer,
    received,
    setFate: (next: typeof fate) => (fate = next),
    wake: () => {
      wake();
    },
  };
}

async function world(person: Person = somebody()) {
  let now = new Date('2026-03-01T12:00:00.000Z');
  const clock = () => now;
  const eventStore = memoryEventStore({ clock });
  await submit(eventStore, person);
  const cause = await register(eventStore, person.userId);
  const post = provider();
  const deps = { eventStore, personalData, tokens, mailer: post.mailer, clock, newId: randomUUID };
  const request: EmailRequest = {
    template: 'verification',
    cause,
    userId: person.userId,
    render: ({ name }) => ({ subject: 'Hello', text: `Hello ${name ?? ''}`, html: `<p>Hello ${name ?? ''}</p>` }),
  };
  const send = (changes: Partial<EmailRequest> = {}, from = deps) =>
    sendEmail(from)({ ...request, ...changes }, someContext());
  const history = async () =>
    (await eventStore.readStream(streams.email(tokens.derivedId(cause.id, 'verification')))).events.map(
      ({ event }) => event,
    );
  const types = async () => (await history()).map(({ type }) => type);
  const wait = (milliseconds: number) => (now = new Date(now.getTime() + milliseconds));
  return { ...post, deps, eventStore, cause, send, history, types, wait, request };
}

describe('a mail for an event', () => {
  it('is addressed to the person who registered, and leaves a history without the address', async () => {
    const { send, received, history, cause } = await world();
    await send();
    const messageId = tokens.derivedId(cause.id, 'verification');
    expect(received).toEqual([
      expect.objectContaining({ to: 'ada@example.com', tag: 'verification', messageId, text: 'Hello Ada Lovelace' }),
    ]);
    expect(await history()).toMatchObject([
      { type: 'EmailSendStarted', data: { messageId, attempt: 1 } },
      { type: 'EmailSent', data: { messageId, providerMessageId: `provider-${messageId}` } },
    ]);
    expect(JSON.stringify(await history())).not.toContain('ada@');
  });

  it('is sent once however often it is asked for', async () => {
    const { send, received, types, wait } = await world();
    await send();
    await send();
    wait(30 * 86_400_000);
    await send();
    expect(received).toHaveLength(1);
    expect(await types()).toEqual(['EmailSendStarted', 'EmailSent']);
  });

  it('is one for each template', async () => {
    const { send, received } = await world();
    await send();
    await send({ template: 'new-device' });
    expect(received.map(({ tag }) => tag)).toEqual(['verification', 'new-device']);
  });

  it('is not sent again when the provider took it but its answer was lost', async () => {
    const { send, received, types, setFate } = await world();
    setFate('takes it and says nothing');
    await expect(send()).rejects.toBeInstanceOf(Unavailable);
    setFate('answers');
    await send();
    expect(received).toHaveLength(1);
    expect(await types()).toEqual(['EmailSendStarted', 'EmailSent']);
  });

  it('is not sent again when the process died before it could record the answer', async () => {
    const { send, received, types, deps, eventStore } = await world();
    const dying: typeof eventStore = {
      ...eventStore,
      append: (stream, events, expected) =>
        events.some(({ event }) => event.type === 'EmailSent')
          ? Promise.reject(new Unavailable('event-store'))
          : eventStore.append(stream, events, expected),
    };
    await expect(send({}, { ...deps, eventStore: dying })).rejects.toBeInstanceOf(Unavailable);
    expect(await types()).toEqual(['EmailSendStarted']);
    await send();
    expect(received).toHaveLength(1);
    expect(await types()).toEqual(['EmailSendStarted', 'EmailSent']);
  });

  it('waits for the provider’s list to settle before it is sent a second time', async () => {
    const { send, received, history, setFate, wait } = await world();
    setFate('is lost on the way');
    await expect(send()).rejects.toBeInstanceOf(Unavailable);
    setFate('answers');
    wait(settlingMs - 4000);
    await expect(send()).rejects.toMatchObject({ what: 'mail', retryAfterSeconds: 4 });
    expect(received).toHaveLength(0);
    wait(4000);
    await send();
    expect(received).toHaveLength(1);
    expect(await history()).toMatchObject([
      { type: 'EmailSendStarted', data: { attempt: 1 } },
      { type: 'EmailSendStarted', data: { attempt: 2 } },
      { type: 'EmailSent' },
    ]);
  });

  it('is sent by one of two that begin at once; the other is told to come back', async () => {
    const { send, received, types, setFate, wake } = await world();
    setFate('waits');
    const both = [send(), send()].map((sending) =>
      sending.then(
        () => 'done',
        (error: unknown) => error,
      ),
    );
    const loser = await Promise.race(both);
    expect(loser).toMatchObject({ what: 'mail', retryAfterSeconds: settlingMs / 1000 });
    wake();
    expect(await Promise.all(both)).toContain('done');
    expect(received).toHaveLength(1);
    expect(await types()).toEqual(['EmailSendStarted', 'EmailSent']);
  });

  it('is over when the provider refuses the recipient', async () => {
    const { send, history, setFate, received } = await world();
    setFate('refuses');
    await send();
    setFate('answers');
    await send();
    expect(received).toHaveLength(0);
    expect((await history()).at(-1)).toMatchObject({ type: 'EmailRejected', data: { reason: 'inactive-recipient' } });
  });

  it('goes to nobody once the person is erased', async () => {
    const { send, history, received } = await world(somebody({ email: null, name: null, teamName: null }));
    await send();
    await send();
    expect(received).toHaveLength(0);
    expect(await history()).toMatchObject([{ type: 'EmailRejected', data: { reason: 'recipient-erased' } }]);
  });

  it('is left out when it has become pointless, and leaves no history', async () => {
    const { send, types, received } = await world();
    await send({ isWanted: () => Promise.resolve(false) });
    expect(received).toHaveLength(0);
    expect(await types()).toEqual([]);
  });

  it('is dropped when it was begun, never left, and has become pointless since', async () => {
    const { send, history, received, setFate, wait } = await world();
    setFate('is lost on the way');
    await expect(send()).rejects.toBeInstanceOf(Unavailable);
    setFate('answers');
    wait(settlingMs);
    await send({ isWanted: () => Promise.resolve(false) });
    await send();
    expect(received).toHaveLength(0);
    expect(await history()).toMatchObject([
      { type: 'EmailSendStarted' },
      { type: 'EmailDropped', data: { reason: 'no-longer-needed' } },
    ]);
  });

  it('is not dropped while the provider may still list it', async () => {
    const { send, types, setFate } = await world();
    setFate('is lost on the way');
    await expect(send()).rejects.toBeInstanceOf(Unavailable);
    await expect(send({ isWanted: () => Promise.resolve(false) })).rejects.toBeInstanceOf(Unavailable);
    expect(await types()).toEqual(['EmailSendStarted']);
  });

  it('is recorded as sent even when it has become pointless since', async () => {
    const { send, types, setFate } = await world();
    setFate('takes it and says nothing');
    await expect(send()).rejects.toBeInstanceOf(Unavailable);
    await send({ isWanted: () => Promise.resolve(false) });
    expect(await types()).toEqual(['EmailSendStarted', 'EmailSent']);
  });

  it('does not begin when it cannot be written', async () => {
    const { send, types } = await world();
    const render = () => {
      throw new Error('a bug in the template');
    };
    await expect(send({ render })).rejects.toThrow('a bug');
    expect(await types()).toEqual([]);
  });
});
