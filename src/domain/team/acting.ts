import { DomainError } from '../errors.ts';
import { effectivePermissions, missingToGrant } from '../permissions.ts';
import { memberRole, type OpenTeam, type Role, type TeamState } from './state.ts';

/** Who wants something of a team, and what can be granted at that moment. */
export interface Acting {
  readonly teamId: string;
  readonly by: string;
  readonly catalogue: readonly string[];
  readonly now: Date;
}

/** Throws `team-not-found`: for anybody else the team is not there. */
export function actingMember(by: string, state: TeamState): { team: OpenTeam; actor: Role } {
  const actor = memberRole(state, by);
  if (state.status !== 'open' || actor === undefined) throw new DomainError('team-not-found');
  return { team: state, actor };
}

/** Throws `team-not-found`, and `permission-missing` with its name. What has left the catalogue, nobody holds. */
export function permitted(
  { by, catalogue }: Pick<Acting, 'by' | 'catalogue'>,
  state: TeamState,
  permission: string,
): { team: OpenTeam; actor: Role } {
  const acting = actingMember(by, state);
  if (!effectivePermissions(acting.actor.grants, catalogue).includes(permission)) {
    throw new DomainError('permission-missing', { permission });
  }
  return acting;
}

/** Throws `team-not-found` and `not-an-owner`. */
export function actingOwner(by: string, state: TeamState): { team: OpenTeam; actor: Role } {
  const acting = actingMember(by, state);
  if (acting.actor.kind !== 'owner') throw new DomainError('not-an-owner');
  return acting;
}

/**
 * Why somebody with the role `giver` may not give this role or these grants, nor take them from anybody: nobody has
 * to do with what they do not hold, and Owners and `*` are a matter of Owners alone.
 */
export function obstacleToGive(giver: Role, given: Pick<Role, 'kind' | 'grants'>): DomainError | undefined {
  if (giver.kind !== 'owner' && given.kind === 'owner') return new DomainError('not-an-owner');
  const missing = missingToGrant(giver.grants, given.grants);
  if (missing !== undefined) return new DomainError('permission-missing', { permission: missing });
  const everything = giver.kind !== 'owner' && given.grants.includes('*');
  return everything ? new DomainError('not-an-owner') : undefined;
}

/** Throws what `obstacleToGive` finds. */
export function refuseToGive(giver: Role, given: Pick<Role, 'kind' | 'grants'>): void {
  const obstacle = obstacleToGive(giver, given);
  if (obstacle !== undefined) throw obstacle;
}
