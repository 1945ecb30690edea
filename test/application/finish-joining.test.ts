import { describe, expect, it } from 'vitest';
import { finishJoining } from '../../src/application/registration/finish-joining.ts';
import { anonymous, laptop, password, passwordWorld } from './password-world.ts';

const at = '2026-03-01T12:00:00.000Z';

/** Somebody whose account is there, and whose process died before it had a team. */
async function halfWay() {
  const world = await passwordWorld();
  const { eventStore, newId } = world.ports;
  const person = {
    email: 'grace@example.com',
    password,
    name: 'Grace Hopper',
    teamName: 'Compilers',
    deviceToken: laptop,
  };
  await world.submitRegistration(person, anonymous());
  const { userId, teamId } = world.events('RegistrationSubmitted').at(-1)?.event.data ?? expect.fail();
  await world.completeRegistration({ userId }, anonymous());
  const { verificationId } = world.events('UserRegistered').at(-1)?.event.data ?? expect.fail();
  const data = { userId, verificationId, teamId, trustedDeviceId: null, at };
  const { revision } = await eventStore.readStream(`user-${userId}`);
  const verified = { id: newId(), event: { type: 'EmailVerified', data } as const, context: anonymous() };
  await eventStore.append(`user-${userId}`, [verified], revision);
  return { world, userId, teamId, verified, finish: finishJoining({ eventStore, ...world }) };
}

describe('somebody found without a team', () => {
  it('gets the team of their registration, because of the event that the reaction would have followed', async () => {
    const { world, userId, teamId, verified, finish } = await halfWay();
    expect(world.events('TeamCreated').map(({ event }) => event.data.teamId)).toEqual([world.teamId]);
    const position = await finish(userId);
    const created = world.events('TeamCreated').at(-1) ?? expect.fail();
    expect([created.event.data.teamId, created.event.data.createdBy]).toEqual([teamId, userId]);
    expect([created.context.causationId, created.context.actor]).toEqual([verified.id, { kind: 'system' }]);
    expect(position).toBeGreaterThanOrEqual(created.position);
  });

  it('gets it once, however often and by however many that is finished', async () => {
    const { world, userId, finish } = await halfWay();
    await Promise.all([finish(userId), finish(userId), world.completeVerification({ userId }, anonymous())]);
    await finish(userId);
    expect(world.events('TeamCreated')).toHaveLength(2);
    expect(world.events('MemberAdded').filter(({ event }) => event.data.userId === userId)).toHaveLength(1);
  });

  it('gets nothing where nothing was begun', async () => {
    const { world, finish } = await halfWay();
    const before = world.ports.eventStore.readStream(`team-${world.teamId}`);
    expect(await finish('01997000-0000-7000-8000-00000000dead')).toBeUndefined();
    expect(await world.ports.eventStore.readStream(`team-${world.teamId}`)).toEqual(await before);
  });
});
