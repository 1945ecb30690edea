import { DomainError } from '../errors.ts';
import { dayMs, hourMs, isPast, later } from '../time.ts';
import type { UserEvent } from './events.ts';
import type { UserState } from './state.ts';

const verificationHours = 24;
const unverifiedDays = 7;

export type RegistrationCommand =
  | {
      type: 'SubmitRegistration';
      userId: string;
      emailHash: string;
      email: string;
      name: string;
      teamName: string;
      teamId: string;
      credentialId: string;
      deviceId: string;
      now: Date;
    }
  | { type: 'AcceptRegistration'; userId: string; verificationId: string; now: Date }
  | { type: 'RefuseRegistration'; userId: string; now: Date }
  | { type: 'RequestVerification'; userId: string; verificationId: string; now: Date }
  | { type: 'VerifyEmail'; userId: string; verificationId: string; deviceId: string | null; now: Date }
  | { type: 'LapseRegistration'; userId: string; now: Date };

type CommandOf<Type extends RegistrationCommand['type']> = Extract<RegistrationCommand, { type: Type }>;

export function decideRegistration(command: RegistrationCommand, state: UserState): readonly UserEvent[] {
  switch (command.type) {
    case 'SubmitRegistration':
      return submit(command, state);
    case 'AcceptRegistration':
      return accept(command, state);
    case 'RefuseRegistration':
      return refuse(command, state);
    case 'RequestVerification':
      return requestVerification(command, state);
    case 'VerifyEmail':
      return verifyEmail(command, state);
    case 'LapseRegistration':
      return lapse(command, state);
  }
}

function submit(command: CommandOf<'SubmitRegistration'>, state: UserState): readonly UserEvent[] {
  if (state.status !== 'unknown') return [];
  const { userId, emailHash, email, name, teamName, teamId, credentialId, deviceId, now } = command;
  const ids = { userId, emailHash, teamId, credentialId, deviceId };
  return [{ type: 'RegistrationSubmitted', data: { ...ids, email, name, teamName, at: now.toISOString() } }];
}

function accept(command: CommandOf<'AcceptRegistration'>, state: UserState): readonly UserEvent[] {
  const { userId, verificationId, now } = command;
  if (state.status === 'unknown') throw new Error(`user ${userId} is accepted without having registered`);
  if (state.status !== 'submitted') return [];
  return [{ type: 'UserRegistered', data: { userId, ...newLink(verificationId, now) } }];
}

function refuse({ userId, now }: CommandOf<'RefuseRegistration'>, state: UserState): readonly UserEvent[] {
  switch (state.status) {
    case 'submitted':
      return [{ type: 'RegistrationRefused', data: { userId, reason: 'address-taken', at: now.toISOString() } }];
    case 'refused':
    case 'lapsed':
      return [];
    case 'unknown':
    case 'invited':
    case 'pending':
    case 'active':
    case 'erased':
      throw new Error(`the registration of user ${userId} is refused while it is ${state.status}`);
  }
}

function requestVerification(command: CommandOf<'RequestVerification'>, state: UserState): readonly UserEvent[] {
  const { userId, verificationId, now } = command;
  if (state.status !== 'pending') return [];
  if (state.verifications.some((known) => known.verificationId === verificationId)) return [];
  return [{ type: 'VerificationRequested', data: { userId, ...newLink(verificationId, now) } }];
}

function newLink(verificationId: string, now: Date) {
  const verificationExpiresAt = later(now, verificationHours * hourMs);
  return { verificationId, verificationExpiresAt, at: now.toISOString() };
}

function verifyEmail(command: CommandOf<'VerifyEmail'>, state: UserState): readonly UserEvent[] {
  const { userId, verificationId, deviceId, now } = command;
  if (state.status === 'active') throw new DomainError('verification-token-used');
  if (state.status !== 'pending') throw new DomainError('verification-token-invalid');
  const link = state.verifications.find((known) => known.verificationId === verificationId);
  if (link === undefined) throw new DomainError('verification-token-invalid');
  if (isPast(link.expiresAt, now)) throw new DomainError('verification-token-expired');
  const trustedDeviceId = deviceId === state.deviceId ? deviceId : null;
  const at = now.toISOString();
  return [{ type: 'EmailVerified', data: { userId, verificationId, teamId: state.teamId, trustedDeviceId, at } }];
}

function lapse({ userId, now }: CommandOf<'LapseRegistration'>, state: UserState): readonly UserEvent[] {
  if (state.status !== 'pending' && state.status !== 'submitted') return [];
  if (!isPast(later(state.registeredAt, unverifiedDays * dayMs), now)) return [];
  return [{ type: 'RegistrationLapsed', data: { userId, emailHash: state.emailHash, at: now.toISOString() } }];
}
