import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EventStore } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import { jobWorld } from './job-world.ts';
import { at, later, office, somebody, submit, tell } from './stories.ts';

const [invitationId, teamId, roleId, tokenId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const inviter = randomUUID();
const expiresAt = later(7 * 86_400_000);
const round = { invitationId, teamId, tokenId };

async function invite(eventStore: EventStore, more: { email?: string | null; teamName?: string } = {}) {
  const { email = 'bob@example.com', teamName: name = 'Engines' } = more;
  await submit(eventStore, somebody({ userId: inviter, email: 'ada@example.com' }));
  await tell(eventStore, streams.team(teamId), {
    type: 'TeamCreated',
    data: { teamId, name, createdBy: inviter, at },
  });
  await tell(eventStore, streams.team(teamId), {
    type: 'RoleAdded',
    data: { teamId, roleId, name: 'Developer', kind: 'developer', grants: [], at },
  });
  const data = { ...round, roleId, emailHash: 'ab', email, invitedBy: inviter, expiresAt, at };
  return tell(eventStore, streams.invitation(invitationId), { type: 'InvitationIssued', data }, office);
}

describe('the mail of an invitation', () => {
  it('goes to the invited address once, and says who, where and as what', async () => {
    const { eventStore, mails, react } = jobWorld();
    await react(await invite(eventStore));
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({ to: 'bob@example.com', tag: 'invitation' });
    expect(mails[0]?.subject).toContain('“Engines”');
    expect(mails[0]?.text).toMatch(
      /Ada Lovelace invites you[\s\S]*https:\/\/panel\.example\/invitations\?token=[\w-]+\n/,
    );
    expect(mails[0]?.text).toContain('Your role: Developer');
    expect(mails[0]?.text).toContain('8 March 2026');
    const sent = eventStore.all().find(({ event }) => event.type === 'EmailSent')?.event.data;
    expect(sent).toMatchObject({ userId: null, template: 'invitation' });
  });

  it('shows no name that is a link or lies about what follows', async () => {
    const { eventStore, mails, react } = jobWorld();
    await react(await invite(eventStore, { teamName: 'Win at www.example.net' }));
    expect(mails[0]?.text).not.toContain('example.net');
    expect(mails[0]?.subject).toBe('You are invited to a team on MBPanel');
  });

  it('goes out again with the same link when that is asked for', async () => {
    const { eventStore, mails, react } = jobWorld();
    await react(await invite(eventStore));
    const data = { ...round, resentBy: inviter, at };
    await react(await tell(eventStore, streams.invitation(invitationId), { type: 'InvitationResent', data }));
    const links = mails.map(({ text }) => /token=([\w-]+)/.exec(text)?.[1]);
    expect(links).toHaveLength(2);
    expect(links[0]).toBe(links[1]);
  });

  it.each([
    { type: 'InvitationRevoked', data: { ...round, revokedBy: inviter, at } },
    { type: 'InvitationAccepted', data: { ...round, roleId, userId: inviter, invitedBy: inviter, at } },
    {
      type: 'InvitationIssued',
      data: {
        ...round,
        tokenId: randomUUID(),
        roleId,
        emailHash: 'ab',
        email: 'bob@example.com',
        invitedBy: inviter,
        expiresAt,
        at,
      },
    },
  ] as const)('does not leave after $type', async (overtaking) => {
    const { eventStore, mails, react } = jobWorld();
    const issued = await invite(eventStore);
    await tell(eventStore, streams.invitation(invitationId), overtaking);
    await react(issued);
    expect(mails).toEqual([]);
  });

  it('does not leave once the link has expired, or the address is erased', async () => {
    const expired = jobWorld(() => new Date(expiresAt));
    await expired.react(await invite(expired.eventStore));
    const erased = jobWorld();
    await erased.react(await invite(erased.eventStore, { email: null }));
    expect([...expired.mails, ...erased.mails]).toEqual([]);
    const rejected = erased.eventStore.all().find(({ event }) => event.type === 'EmailRejected')?.event.data;
    expect(rejected).toMatchObject({ reason: 'recipient-erased', userId: null });
  });
});
