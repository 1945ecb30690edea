import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EventStore } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import { jobWorld } from './job-world.ts';
import { at, later, office, somebody, submit, tell } from './stories.ts';

const userId = randomUUID();
const changed = {
  userId,
  credentialId: randomUUID(),
  replacedCredentialId: randomUUID(),
  reason: 'change',
  keepSessionId: randomUUID(),
  at,
} as const;
const issued = { userId, resetId: randomUUID(), expiresAt: later(3_600_000), at };

const issue = (eventStore: EventStore) =>
  tell(eventStore, streams.user(userId), { type: 'PasswordResetIssued', data: issued }, office);

describe('the mail with a link for a new password', () => {
  it('goes out once, with the link, how long it works, and who asked', async () => {
    const { eventStore, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    await react(await issue(eventStore));
    expect(mails.map(({ to, tag }) => [to, tag])).toEqual([['ada@example.com', 'password-reset']]);
    expect(mails[0]?.text).toMatch(/https:\/\/panel\.example\/reset\?token=[\w-]+\n[\s\S]*60 minutes/);
    expect(mails[0]?.text).toContain('Device: Firefox on Linux');
  });

  it.each<Parameters<typeof tell>[2]>([
    { type: 'PasswordResetIssued', data: { ...issued, resetId: randomUUID() } },
    { type: 'PasswordChanged', data: changed },
    { type: 'PasswordChangeForced', data: { userId, by: null, at } },
  ])('is not sent for a link that was overtaken (%#)', async (overtaking) => {
    const { eventStore, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    const cause = await issue(eventStore);
    await tell(eventStore, streams.user(userId), overtaking);
    await react(cause);
    expect(mails).toEqual([]);
  });

  it('is not sent for a link that is past its end', async () => {
    const { eventStore, mails, react } = jobWorld(() => new Date(later(3_600_000)));
    await submit(eventStore, somebody({ userId }));
    await react(await issue(eventStore));
    expect(mails).toEqual([]);
  });
});

describe('what follows from asking for a new password', () => {
  it('is a link for who holds the address, the same however often the job runs', async () => {
    const { eventStore, calls, react } = jobWorld();
    const data = { emailHash: 'ab', userId, at };
    const cause = await tell(eventStore, streams.emailAddress('ab'), { type: 'PasswordResetRequested', data });
    await react(cause);
    const asked = { userId, causedBy: cause.id, requestedAt: at };
    expect(calls.map(([name, request]) => [name, request])).toEqual([
      ['issuePasswordReset', asked],
      ['issuePasswordReset', asked],
    ]);
  });

  it('is nothing for an address that nobody holds', async () => {
    const { eventStore, calls, mails, react } = jobWorld();
    const data = { emailHash: 'ab', userId: null, at };
    await react(await tell(eventStore, streams.emailAddress('ab'), { type: 'PasswordResetRequested', data }));
    expect([calls, mails]).toEqual([[], []]);
  });
});

describe('what follows from a new password', () => {
  it('is that the rest is done, by its place in the log, and a notice', async () => {
    const { eventStore, calls, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    const cause = await tell(eventStore, streams.user(userId), { type: 'PasswordChanged', data: changed }, office);
    await react(cause);
    const { keepSessionId, replacedCredentialId } = changed;
    const rest = { userId, position: cause.position, reason: 'password-changed', keepSessionId, replacedCredentialId };
    expect(calls.map(([name, request]) => [name, request])[0]).toEqual(['completePasswordChange', rest]);
    expect(mails.map(({ tag }) => tag)).toEqual(['password-changed']);
    expect(mails[0]?.text).toContain('All sessions but the one it was changed in have ended');
  });

  it('is the same where it is demanded', async () => {
    const { eventStore, calls, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    const data = { userId, by: null, at };
    const cause = await tell(eventStore, streams.user(userId), { type: 'PasswordChangeForced', data });
    await react(cause);
    const rest = { userId, position: cause.position, reason: 'password-change-forced' };
    expect(calls[0]?.[1]).toEqual({ ...rest, keepSessionId: null, replacedCredentialId: null });
    expect(mails.map(({ tag, text }) => [tag, text.includes('https://panel.example/forgot')])).toEqual([
      ['password-change-forced', true],
    ]);
  });
});
