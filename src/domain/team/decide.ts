import type { Decider } from '../decider.ts';
import { addMember, type AddMember } from './add-member.ts';
import { appointPlatformOwner, type AppointPlatformOwner } from './appoint-platform-owner.ts';
import { createTeam, foundPlatformTeam, type CreateTeam, type FoundPlatformTeam } from './create.ts';
import type { TeamEvent } from './events.ts';
import {
  changeMember,
  leaveTeam,
  removeMember,
  type ChangeMember,
  type LeaveTeam,
  type RemoveMember,
} from './members.ts';
import { transferOwnership, type TransferOwnership } from './ownership.ts';
import { retireRole, type RetireRole } from './retire-role.ts';
import { addRole, changeRole, type AddRole, type ChangeRole } from './roles.ts';
import {
  closeTeam,
  renameTeam,
  setSessionPolicy,
  type CloseTeam,
  type RenameTeam,
  type SetSessionPolicy,
} from './settings.ts';
import { evolve, initialState, type TeamState } from './state.ts';

export type TeamCommand =
  | CreateTeam
  | FoundPlatformTeam
  | AppointPlatformOwner
  | RenameTeam
  | SetSessionPolicy
  | CloseTeam
  | AddRole
  | ChangeRole
  | RetireRole
  | AddMember
  | ChangeMember
  | RemoveMember
  | LeaveTeam
  | TransferOwnership;

type Deciders = {
  readonly [Type in TeamCommand['type']]: (
    command: Extract<TeamCommand, { type: Type }>,
    state: TeamState,
  ) => readonly TeamEvent[];
};

const deciders: Deciders = {
  CreateTeam: createTeam,
  FoundPlatformTeam: foundPlatformTeam,
  AppointPlatformOwner: appointPlatformOwner,
  RenameTeam: renameTeam,
  SetSessionPolicy: setSessionPolicy,
  CloseTeam: closeTeam,
  AddRole: addRole,
  ChangeRole: changeRole,
  RetireRole: retireRole,
  AddMember: addMember,
  ChangeMember: changeMember,
  RemoveMember: removeMember,
  LeaveTeam: leaveTeam,
  TransferOwnership: transferOwnership,
};

/** Who may do what is decided here, by the team as it is at that moment: of two changes at once, the second sees the first. */
function decide(command: TeamCommand, state: TeamState): readonly TeamEvent[] {
  return (deciders[command.type] as (command: TeamCommand, state: TeamState) => readonly TeamEvent[])(command, state);
}

export const team: Decider<TeamState, TeamCommand, TeamEvent> = { initialState, evolve, decide, stateVersion: 3 };
