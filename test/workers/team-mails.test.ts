import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { sendEmail } from '../../src/application/emails/send-email.ts';
import { Unavailable, type EventStore, type Mail, type Recorded } from '../../src/application/ports.ts';
import { streams } from '../../src/application/streams.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { mailJobs } from '../../src/workers/jobs/mails.ts';
import { en } from '../../src/workers/mails/en.ts';
import { jobsFor } from '../../src/workers/reactions.ts';
import { jobWorld } from './job-world.ts';
import { at, personalData, somebody, submit, tokens } from './stories.ts';

const [teamId, ada, bob, eve] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const [owner, manager, custom] = [randomUUID(), randomUUID(), randomUUID()];
const about = { teamId, at };

/** Ada owns the team that Bob and Eve work in. */
async function newTeam(eventStore: EventStore, name = 'Engines'): Promise<void> {
  await submit(eventStore, somebody({ userId: ada, email: 'ada@example.com', name: 'Ada Lovelace' }));
  await submit(eventStore, somebody({ userId: bob, email: 'bob@example.com', name: 'Bob' }));
  await submit(eventStore, somebody({ userId: eve, email: 'eve@example.com', name: 'Eve' }));
  await by(eventStore, ada, { type: 'TeamCreated', data: { ...about, name, createdBy: ada } });
  for (const [roleId, kind, roleName] of [
    [owner, 'owner', 'Owner'],
    [manager, 'manager', 'Manager'],
    [custom, 'custom', 'Deployer'],
  ] as const) {
    await by(eventStore, ada, { type: 'RoleAdded', data: { ...about, roleId, kind, name: roleName, grants: [] } });
  }
  for (const [userId, roleId] of [
    [ada, owner],
    [bob, custom],
    [eve, custom],
  ] as const) {
    await by(eventStore, ada, { type: 'MemberAdded', data: { ...about, userId, roleId } });
  }
}

async function by(eventStore: EventStore, userId: string, event: DomainEvent): Promise<Recorded> {
  const id = randomUUID();
  const context = { actor: { kind: 'user', userId }, correlationId: id, causationId: id } as const;
  await eventStore.append(streams.team(teamId), [{ id, event, context }], 'any');
  const { events } = await eventStore.readStream(streams.team(teamId));
  return events.at(-1) ?? expect.fail('not recorded');
}

async function mailsAfter(event: DomainEvent, teamName?: string): Promise<readonly Mail[]> {
  const { eventStore, mails, react } = jobWorld();
  await newTeam(eventStore, teamName);
  await react(await by(eventStore, ada, event));
  return mails;
}

describe('the mails about teams', () => {
  it('tell somebody who was removed, by whom and from what', async () => {
    const [mail, ...more] = await mailsAfter({
      type: 'MemberRemoved',
      data: { ...about, userId: bob, roleId: custom },
    });
    expect(more).toEqual([]);
    expect(mail).toMatchObject({
      to: 'bob@example.com',
      tag: 'member-removed',
      subject: 'You are no longer in the team “Engines” on MBPanel',
    });
    expect(mail?.text).toContain('Hello Bob,');
    expect(mail?.text).toContain('Ada Lovelace removed you from the team “Engines”');
    expect(mail?.html).toContain('Ada Lovelace removed you');
  });

  it('tell nothing to somebody who left of their own accord', async () => {
    expect(await mailsAfter({ type: 'MemberLeft', data: { ...about, userId: bob, roleId: custom } })).toEqual([]);
  });

  it('tell every member of a closed team once', async () => {
    const mails = await mailsAfter({ type: 'TeamClosed', data: about });
    expect(mails.map(({ to }) => to)).toEqual(['ada@example.com', 'bob@example.com', 'eve@example.com']);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(3);
    expect(new Set(mails.map(({ subject }) => subject))).toEqual(new Set(['The team “Engines” on MBPanel was closed']));
  });

  it('tell both of a handed over team, each their part', async () => {
    const data = { ...about, fromUserId: ada, toUserId: bob, fromRoleId: custom, ownerRoleId: owner };
    const mails = await mailsAfter({ type: 'OwnershipTransferred', data: { ...data, formerOwnerRoleId: manager } });
    expect(mails.map(({ to, subject }) => [to, subject])).toEqual([
      ['bob@example.com', 'You now own the team “Engines” on MBPanel'],
      ['ada@example.com', 'You handed over the team “Engines” on MBPanel'],
    ]);
    expect(mails[0]?.text).toContain('Ada Lovelace made you an Owner');
    expect(mails[1]?.text).toContain(
      'Bob is an Owner of the team “Engines” now, in your place. You stay a member, as Manager.',
    );
  });

  it.each([
    ['changed', 'Ada Lovelace gave you another role in the team “Engines”.'],
    ['role-retired', 'Ada Lovelace retired the role that you had'],
  ] as const)('tell a member whose role was %s', async (reason, words) => {
    const data = { ...about, userId: eve, fromRoleId: custom, roleId: manager, reason };
    const [mail, ...more] = await mailsAfter({ type: 'MemberRoleChanged', data });
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ to: 'eve@example.com', tag: 'role-changed' });
    expect(mail?.text).toContain(words);
    expect(mail?.text).toMatch(/Role until now: Deployer\nRole from now on: Manager/);
  });

  it('show no name that is a link', async () => {
    const event = { type: 'TeamClosed', data: about } as const;
    const [mail] = await mailsAfter(event, 'Win at www.example.net');
    expect(mail?.subject).toBe('A team on MBPanel was closed');
    expect(`${String(mail?.text)}${String(mail?.html)}`).not.toContain('example.net');
  });

  it('go to all the others when one cannot be sent now, and to that one later', async () => {
    const now = () => new Date(at);
    const eventStore = memoryEventStore({ clock: now });
    const sent: string[] = [];
    let isDown = true;
    const mailer = {
      send: ({ to }: Mail) => {
        if (to === 'bob@example.com' && isDown) return Promise.reject(new Unavailable('mail'));
        sent.push(to);
        return Promise.resolve({ kind: 'sent', providerMessageId: randomUUID() } as const);
      },
      find: () => Promise.resolve(undefined),
    };
    let clock = now();
    const send = sendEmail({
      eventStore,
      personalData,
      tokens,
      mailer: mailer as never,
      clock: () => clock,
      newId: randomUUID,
    });
    const jobs = mailJobs({
      eventStore,
      personalData,
      sendEmail: send,
      tokens,
      clock: now,
      publicUrl: 'https://panel.example',
      texts: en,
    });
    await newTeam(eventStore);
    const cause = await by(eventStore, ada, { type: 'TeamClosed', data: about });
    const { payload } = jobsFor(cause).find(({ name }) => name === 'mail-team-closed') ?? expect.fail('no job');
    await expect(jobs['mail-team-closed'].run(payload)).rejects.toBeInstanceOf(Unavailable);
    expect(sent).toEqual(['ada@example.com', 'eve@example.com']);
    isDown = false;
    clock = new Date(now().getTime() + 60_000);
    await jobs['mail-team-closed'].run(payload);
    expect(sent).toEqual(['ada@example.com', 'eve@example.com', 'bob@example.com']);
  });
});
