import { DomainError } from '../errors.ts';
import { actingOwner, permitted, type Acting } from './acting.ts';
import type { TeamEvent } from './events.ts';
import type { TeamState } from './state.ts';

export interface RenameTeam extends Acting {
  readonly type: 'RenameTeam';
  readonly name: string;
}

/** Throws what `permitted` does. */
export function renameTeam(command: RenameTeam, state: TeamState): readonly TeamEvent[] {
  const { team } = permitted(command, state, 'team.manage');
  const name = command.name.trim();
  if (name === team.name) return [];
  return [{ type: 'TeamRenamed', data: { teamId: command.teamId, name, at: command.now.toISOString() } }];
}

export interface SetSessionPolicy extends Acting {
  readonly type: 'SetSessionPolicy';
  readonly idleTimeoutSeconds: number;
}

/** Throws what `permitted` does. */
export function setSessionPolicy(command: SetSessionPolicy, state: TeamState): readonly TeamEvent[] {
  const { teamId, idleTimeoutSeconds, now } = command;
  const { team } = permitted(command, state, 'team.manage');
  if (idleTimeoutSeconds === team.idleTimeoutSeconds) return [];
  return [{ type: 'SessionPolicyChanged', data: { teamId, idleTimeoutSeconds, at: now.toISOString() } }];
}

export interface CloseTeam {
  readonly type: 'CloseTeam';
  readonly teamId: string;
  readonly by: string;
  readonly now: Date;
}

/** Throws `team-not-found`, `not-an-owner` and `platform-team-cannot-close`. */
export function closeTeam({ teamId, by, now }: CloseTeam, state: TeamState): readonly TeamEvent[] {
  const { team } = actingOwner(by, state);
  // Nobody could ever administer the installation again: it has one such team, and founds it once.
  if (team.platform) throw new DomainError('platform-team-cannot-close');
  return [{ type: 'TeamClosed', data: { teamId, at: now.toISOString() } }];
}
