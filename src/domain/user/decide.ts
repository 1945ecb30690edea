import type { Decider } from '../decider.ts';
import { decideAdministration, isAdministrationCommand, type AdministrationCommand } from './administration.ts';
import type { UserEvent } from './events.ts';
import { decideErasure, isErasureCommand, type ErasureCommand } from './erasure.ts';
import { decideInvitedUser, isInvitedUserCommand, type InvitedUserCommand } from './invited.ts';
import { decidePassword, isPasswordCommand, type PasswordCommand } from './password.ts';
import { recordLogin, type RecordLogin } from './record-login.ts';
import { decideRegistration, type RegistrationCommand } from './registration.ts';
import { evolve, initialState, type UserState } from './state.ts';

export type UserCommand =
  RegistrationCommand | InvitedUserCommand | RecordLogin | PasswordCommand | AdministrationCommand | ErasureCommand;

function decide(command: UserCommand, state: UserState): readonly UserEvent[] {
  if (isPasswordCommand(command)) return decidePassword(command, state);
  if (isAdministrationCommand(command)) return decideAdministration(command, state);
  if (isInvitedUserCommand(command)) return decideInvitedUser(command, state);
  if (isErasureCommand(command)) return decideErasure(command, state);
  return command.type === 'RecordLogin' ? recordLogin(command, state) : decideRegistration(command, state);
}

export const user: Decider<UserState, UserCommand, UserEvent> = { initialState, evolve, decide, stateVersion: 3 };
