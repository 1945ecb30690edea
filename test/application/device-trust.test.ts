import { expect, it } from 'vitest';
import { contextFrom } from '../../src/application/context.ts';
import { streams } from '../../src/application/streams.ts';
import type { EventOf } from '../../src/domain/events.ts';
import { anonymous, email, laptop, password, passwordWorld } from './password-world.ts';

const at = '2026-03-01T12:00:00.000Z';
const client = { ip: '198.51.100.7', userAgent: 'Firefox', place: null };

type World = Awaited<ReturnType<typeof passwordWorld>>;

/** What a process wrote, before it died without going on. */
async function lastWords(world: World, stream: string, event: EventOf<'EmailVerified' | 'LoginDeviceApproved'>) {
  const { eventStore, newId } = world.ports;
  const { revision } = await eventStore.readStream(stream);
  await eventStore.append(stream, [{ id: newId(), event, context: { ...anonymous(), client } }], revision);
  return contextFrom((await eventStore.readStream(stream)).events.at(-1) ?? expect.fail());
}

const trusted = (world: World) => {
  const { event, context } = world.events('DeviceApproved').at(-1) ?? expect.fail();
  return { method: event.data.method, client: context.client, actor: context.actor };
};

it('a job that trusts the device of a verified address says where the link was used', async () => {
  const world = await passwordWorld();
  const person = { email: 'grace@example.com', password, name: 'Grace Hopper', teamName: 'Compilers' };
  await world.submitRegistration({ ...person, deviceToken: laptop }, anonymous());
  const { userId, teamId, deviceId } = world.events('RegistrationSubmitted').at(-1)?.event.data ?? expect.fail();
  await world.completeRegistration({ userId }, anonymous());
  const { verificationId } = world.events('UserRegistered').at(-1)?.event.data ?? expect.fail();
  const data = { userId, verificationId, teamId, trustedDeviceId: deviceId, at };
  const context = await lastWords(world, streams.user(userId), { type: 'EmailVerified', data });
  await world.completeVerification({ userId }, context);
  expect(trusted(world)).toEqual({ method: 'registration', client, actor: { kind: 'system' } });
});

it('a job that trusts the device of a login says where the code was entered', async () => {
  const world = await passwordWorld();
  const { view } = await world.startLogin(password, 'phone', email);
  const { loginId } = view;
  const { deviceId } = world.events('LoginStarted').at(-1)?.event.data ?? expect.fail();
  const { codeId } = world.events('DeviceCodeRequested').at(-1)?.event.data ?? expect.fail();
  const data = { loginId, userId: world.userId, deviceId, codeId, at };
  const context = await lastWords(world, streams.login(loginId), { type: 'LoginDeviceApproved', data });
  await world.trustDevice({ loginId }, context);
  expect(trusted(world)).toEqual({ method: 'otp', client, actor: { kind: 'system' } });
});
