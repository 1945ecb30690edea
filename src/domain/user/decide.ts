import type { Decider } from '../decider.ts';
import type { UserEvent } from './events.ts';
import { recordLogin, type RecordLogin } from './record-login.ts';
import { decideRegistration, type RegistrationCommand } from './registration.ts';
import { evolve, initialState, type UserState } from './state.ts';

export type UserCommand = RegistrationCommand | RecordLogin;

function decide(command: UserCommand, state: UserState): readonly UserEvent[] {
  return command.type === 'RecordLogin' ? recordLogin(command, state) : decideRegistration(command, state);
}

export const user: Decider<UserState, UserCommand, UserEvent> = { initialState, evolve, decide, stateVersion: 1 };
