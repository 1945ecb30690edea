import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { mailGate, resumeMail } from '../../src/application/emails/mail-gate.ts';
import { parkEmail } from '../../src/application/emails/park-email.ts';
import { recordEmailReport } from '../../src/application/emails/record-email-report.ts';
import { retryEmail } from '../../src/application/emails/retry-email.ts';
import { emailIdOf, sendEmail, type EmailRequest } from '../../src/application/emails/send-email.ts';
import { Unavailable, type Mail, type MailOutcome } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import { personalData, someContext, tokens } from '../workers/stories.ts';

/** A mail to the operators, whose address is known without a person. */
async function world() {
  const time = { now: new Date('2026-03-01T12:00:00.000Z') };
  const clock = () => time.now;
  const eventStore = memoryEventStore({ clock });
  const provider = { outcome: 'sent' as 'sent' | 'token-refused' | 'account', accepts: true, received: [] as Mail[] };
  const mailer = {
    send: (mail: Mail): Promise<MailOutcome> => {
      if (provider.outcome !== 'sent') return Promise.resolve({ kind: 'refused', reason: provider.outcome });
      provider.received.push(mail);
      return Promise.resolve({ kind: 'sent', providerMessageId: `provider-${mail.messageId}` });
    },
    find: () => Promise.resolve(undefined),
    acceptsUs: () => Promise.resolve(provider.accepts),
  };
  const ports = {
    ...{ eventStore, clock, tokens, personalData, mailer, newId: randomUUID },
    snapshots: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    backOff: () => Promise.resolve(),
    requirePlatformPermission: () => Promise.resolve(),
  };
  const delays: number[] = [];
  const raised = { name: 'email-failures', level: 'warning', value: 1, threshold: 0, samples: 1 } as const;
  const event = { type: 'AlertRaised', data: { ...raised, at: clock().toISOString() } } as const;
  await eventStore.append('alert-email-failures', [{ id: randomUUID(), event, context: someContext() }], 'no-stream');
  const [cause] = (await eventStore.readStream('alert-email-failures')).events;
  if (cause === undefined) throw new Error('no cause');
  const request: EmailRequest = {
    template: 'alert-raised',
    cause,
    userId: null,
    recipient: () => Promise.resolve({ email: 'ops@example.org', name: null, teamName: null }),
    render: () => ({ subject: 's', text: 't', html: 'h' }),
  };
  const messageId = emailIdOf(ports, request);
  const gate = mailGate(ports);
  return {
    provider,
    messageId,
    delays,
    cause,
    gate,
    send: () => sendEmail({ ...ports, mailGate: gate, mailAccepted: (s) => delays.push(s) })(request, someContext()),
    park: () => parkEmail(ports)(request, someContext()),
    retry: (of = messageId) => retryEmail(ports)({ messageId: of, userId: 'op', teamId: 'platform' }, someContext()),
    resume: () => resumeMail(ports)({}, someContext()),
    report: recordEmailReport(ports),
    later: (seconds: number) => (time.now = new Date(time.now.getTime() + seconds * 1000)),
    types: async (stream = streams.email(messageId)) =>
      (await eventStore.readStream(stream)).events.map(({ event: { type } }) => type),
  };
}

describe('a provider that refuses us', () => {
  it('pauses every mail, and is not asked again until it takes our token', async () => {
    const { provider, send, gate, resume, later, types, delays } = await world();
    provider.outcome = 'token-refused';
    provider.accepts = false;
    await expect(send()).rejects.toThrow(Unavailable);
    expect(await gate.isPaused()).toBe(true);
    await expect(send()).rejects.toMatchObject({ what: 'mail', retryAfterSeconds: 15 });
    expect(await types()).toEqual(['EmailSendStarted']);
    await resume();
    expect(await gate.isPaused()).toBe(true);
    provider.outcome = 'sent';
    provider.accepts = true;
    later(60);
    await resume();
    expect(await gate.isPaused()).toBe(false);
    expect(await send()).toBe('sent');
    expect(provider.received).toHaveLength(1);
    expect(delays).toEqual([60]);
    expect(await types(streams.mailSending())).toEqual(['MailSendingPaused', 'MailSendingResumed']);
  });

  it('is tried again after ten minutes where the account is the matter', async () => {
    const { provider, send, gate, resume, later } = await world();
    provider.outcome = 'account';
    await expect(send()).rejects.toThrow(Unavailable);
    later(599);
    await resume();
    expect(await gate.isPaused()).toBe(true);
    later(1);
    await resume();
    expect(await gate.isPaused()).toBe(false);
  });

  it('is paused once by many workers', async () => {
    const { provider, send, types } = await world();
    provider.outcome = 'token-refused';
    await Promise.allSettled([send(), send(), send()]);
    expect(await types(streams.mailSending())).toEqual(['MailSendingPaused']);
  });
});

describe('a mail that was given up', () => {
  it('is parked once, and sent when an operator asks for it', async () => {
    const { park, send, retry, later, types, provider } = await world();
    expect(await park()).toBe('parked');
    expect(await park()).toBe('parked');
    expect(await send()).toBe('parked');
    expect(provider.received).toHaveLength(0);
    await retry();
    await retry();
    later(10);
    expect(await send()).toBe('sent');
    expect(await types()).toEqual(['EmailParked', 'EmailRetryRequested', 'EmailSendStarted', 'EmailSent']);
  });

  it('is all that can be tried again', async () => {
    const { send, retry } = await world();
    await expect(retry(randomUUID())).rejects.toMatchObject({ code: 'email-not-found' });
    await send();
    await expect(retry()).rejects.toMatchObject({ code: 'email-not-parked' });
  });
});

describe('what the provider tells of a mail', () => {
  it('is recorded once each, at the same time too', async () => {
    const { send, report, messageId, types } = await world();
    await send();
    const of = { messageId, providerMessageId: `provider-${messageId}` };
    const bounce = { ...of, kind: 'bounce', bounceId: '1', bounceKind: 'soft' } as const;
    const told = await Promise.all(Array.from({ length: 3 }, () => report(bounce, someContext())));
    expect(told).toEqual([true, true, true]);
    await report({ ...bounce, bounceId: '2', bounceKind: 'hard' }, someContext());
    await report({ ...of, kind: 'complaint', complaintId: '3' }, someContext());
    await report({ ...of, kind: 'complaint', complaintId: '3' }, someContext());
    expect(await types()).toEqual(['EmailSendStarted', 'EmailSent', 'EmailBounced', 'EmailBounced', 'EmailComplained']);
  });

  it('leaves no trace where the mail is not ours', async () => {
    const { send, report, messageId, types } = await world();
    const about = { kind: 'complaint', complaintId: '3' } as const;
    expect(await report({ ...about, messageId, providerMessageId: 'x' }, someContext())).toBe(false);
    await send();
    expect(await report({ ...about, messageId, providerMessageId: 'x' }, someContext())).toBe(false);
    const unknown = randomUUID();
    expect(await report({ ...about, messageId: unknown, providerMessageId: 'x' }, someContext())).toBe(false);
    expect(await types(streams.email(unknown))).toEqual([]);
  });
});
