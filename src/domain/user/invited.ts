import type { InvitedRegistrationRefusal, UserEvent } from './events.ts';
import type { UserState } from './state.ts';

export type InvitedUserCommand =
  | {
      type: 'SubmitInvitedRegistration';
      userId: string;
      emailHash: string;
      email: string;
      name: string;
      credentialId: string;
      deviceId: string;
      invitationId: string;
      tokenId: string;
      now: Date;
    }
  | { type: 'AdmitInvitedUser'; userId: string; now: Date }
  | { type: 'RefuseInvitedRegistration'; userId: string; reason: InvitedRegistrationRefusal; now: Date }
  | {
      /** Somebody else has proven to hold the address of this registration, which nobody has verified. */
      type: 'YieldRegistration';
      userId: string;
      now: Date;
    };

type CommandOf<Type extends InvitedUserCommand['type']> = Extract<InvitedUserCommand, { type: Type }>;

const names: readonly string[] = [
  'SubmitInvitedRegistration',
  'AdmitInvitedUser',
  'RefuseInvitedRegistration',
  'YieldRegistration',
] satisfies readonly InvitedUserCommand['type'][];

export function isInvitedUserCommand(command: { type: string }): command is InvitedUserCommand {
  return names.includes(command.type);
}

export function decideInvitedUser(command: InvitedUserCommand, state: UserState): readonly UserEvent[] {
  switch (command.type) {
    case 'SubmitInvitedRegistration':
      return submit(command, state);
    case 'AdmitInvitedUser':
      return admit(command, state);
    case 'RefuseInvitedRegistration':
      return refuse(command, state);
    case 'YieldRegistration':
      return yieldAddress(command, state);
  }
}

function submit(command: CommandOf<'SubmitInvitedRegistration'>, state: UserState): readonly UserEvent[] {
  if (state.status !== 'unknown') return [];
  const { userId, emailHash, email, name, credentialId, deviceId, invitationId, tokenId, now } = command;
  const ids = { userId, emailHash, credentialId, deviceId, invitationId, tokenId };
  return [{ type: 'InvitedRegistrationSubmitted', data: { ...ids, email, name, at: now.toISOString() } }];
}

function admit({ userId, now }: CommandOf<'AdmitInvitedUser'>, state: UserState): readonly UserEvent[] {
  if (state.status !== 'invited') return [];
  const { invitationId, deviceId } = state;
  return [{ type: 'InvitedUserRegistered', data: { userId, invitationId, deviceId, at: now.toISOString() } }];
}

function refuse(
  { userId, reason, now }: CommandOf<'RefuseInvitedRegistration'>,
  state: UserState,
): readonly UserEvent[] {
  if (state.status !== 'invited') return [];
  return [{ type: 'InvitedRegistrationRefused', data: { userId, reason, at: now.toISOString() } }];
}

function yieldAddress({ userId, now }: CommandOf<'YieldRegistration'>, state: UserState): readonly UserEvent[] {
  if (state.status !== 'pending' && state.status !== 'submitted') return [];
  return [{ type: 'RegistrationLapsed', data: { userId, emailHash: state.emailHash, at: now.toISOString() } }];
}
