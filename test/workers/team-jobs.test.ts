import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { streams } from '../../src/application/streams.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { jobsFor } from '../../src/workers/reactions.ts';
import { jobWorld } from './job-world.ts';
import { at, tell } from './stories.ts';

const [teamId, userId, sessionId, roleId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const about = { teamId, at };
const team = streams.team(teamId);
const sessions = streams.sessions(userId);

/** What follows for the sessions; mails and announcements are looked at elsewhere. */
const expected: readonly (readonly [stream: string, event: DomainEvent, useCase: string, request: object])[] = [
  [team, { type: 'MemberRemoved', data: { ...about, userId, roleId } }, 'followTeam', { userId, teamId }],
  [team, { type: 'MemberLeft', data: { ...about, userId, roleId } }, 'followTeam', { userId, teamId }],
  [team, { type: 'TeamClosed', data: about }, 'followTeamClosing', { teamId }],
  [team, { type: 'SessionPolicyChanged', data: { ...about, idleTimeoutSeconds: 600 } }, 'followTeamPolicy', { teamId }],
  [
    sessions,
    { type: 'SessionTeamSwitched', data: { ...about, sessionId, userId, fromTeamId: randomUUID(), roleId } },
    'followTeam',
    { userId, teamId },
  ],
];

describe('what a change of a team means for sessions', () => {
  it.each(expected)('follows (%#)', async (stream, event, useCase, request) => {
    const { eventStore, calls, jobs } = jobWorld();
    const cause = await tell(eventStore, stream, event);
    const following = jobsFor(cause).filter(({ name }) => /team-sessions|session-policy/.test(name));
    expect(following).toHaveLength(1);
    for (const { name, payload } of [...following, ...following]) await jobs[name]?.run(payload);
    const context = { actor: { kind: 'system' }, correlationId: cause.context.correlationId, causationId: cause.id };
    const call = [useCase, { ...request, position: cause.position }, context];
    expect(calls).toEqual([call, call]);
  });

  it('brings the fast copy of a session up to date when its policy has changed', async () => {
    const { eventStore, calls, react } = jobWorld();
    const data = { ...about, sessionId, userId, idleTimeoutSeconds: 600 };
    await react(await tell(eventStore, sessions, { type: 'SessionPolicyApplied', data }));
    expect(calls[0]?.slice(0, 2)).toEqual(['refreshSessionCache', { userId, sessionId }]);
  });
});
