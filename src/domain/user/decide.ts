import type { Decider } from '../decider.ts';
import type { UserEvent } from './events.ts';
import { decideInvitedUser, isInvitedUserCommand, type InvitedUserCommand } from './invited.ts';
import { decidePassword, isPasswordCommand, type PasswordCommand } from './password.ts';
import { recordLogin, type RecordLogin } from './record-login.ts';
import { decideRegistration, type RegistrationCommand } from './registration.ts';
import { evolve, initialState, type UserState } from './state.ts';

export type UserCommand = RegistrationCommand | InvitedUserCommand | RecordLogin | PasswordCommand;

function decide(command: UserCommand, state: UserState): readonly UserEvent[] {
  if (isPasswordCommand(command)) return decidePassword(command, state);
  if (isInvitedUserCommand(command)) return decideInvitedUser(command, state);
  return command.type === 'RecordLogin' ? recordLogin(command, state) : decideRegistration(command, state);
}

export const user: Decider<UserState, UserCommand, UserEvent> = { initialState, evolve, decide, stateVersion: 2 };
