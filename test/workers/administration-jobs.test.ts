import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { streams } from '../../src/application/streams.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { jobWorld } from './job-world.ts';
import { at, somebody, submit, tell } from './stories.ts';

const userId = randomUUID();
const decision = (type: 'UserLocked' | 'UserUnlocked' | 'UserDeactivated' | 'UserReactivated'): DomainEvent => ({
  type,
  data: { userId, at },
});

describe('what an administrator decides about an account', () => {
  it.each([
    ['UserLocked', 'locked-by-administrator', 'account-locked'],
    ['UserDeactivated', 'account-deactivated', 'account-deactivated'],
  ] as const)('%s is told, and the sessions from before it end', async (type, template, reason) => {
    const { eventStore, calls, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    const cause = await tell(eventStore, streams.user(userId), decision(type));
    await react(cause);
    await react(cause);
    expect(mails.map(({ to, tag }) => [to, tag])).toEqual([['ada@example.com', template]]);
    const ended = ['endSessionsBefore', { userId, position: cause.position, reason }];
    expect(calls.length).toBeGreaterThan(1);
    for (const [name, request] of calls) expect([name, request]).toEqual(ended);
  });

  it('is told when the account is active again', async () => {
    const { eventStore, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    await react(await tell(eventStore, streams.user(userId), decision('UserReactivated')));
    expect(mails.map(({ tag }) => tag)).toEqual(['account-reactivated']);
    expect(mails[0]?.text).toContain('https://panel.example/');
  });

  it.each([
    ['UserLocked', 'UserUnlocked'],
    ['UserDeactivated', 'UserReactivated'],
    ['UserReactivated', 'UserDeactivated'],
  ] as const)('%s is not told after %s', async (type, undone) => {
    const { eventStore, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    const cause = await tell(eventStore, streams.user(userId), decision(type));
    await tell(eventStore, streams.user(userId), decision(undone));
    await react(cause);
    expect(mails).toEqual([]);
  });
});

describe('a verified address', () => {
  it('may be the one that the installation names', async () => {
    const { eventStore, calls, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    const data = { userId, verificationId: randomUUID(), teamId: randomUUID(), trustedDeviceId: null, at };
    await react(await tell(eventStore, streams.user(userId), { type: 'EmailVerified', data }));
    expect(calls.map(([name, request]) => [name, request])).toContainEqual(['appointAdministrator', { userId }]);
  });
});
