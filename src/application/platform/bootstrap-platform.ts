import { normaliseEmail } from '../../domain/email-address/normalise.ts';
import { DomainError } from '../../domain/errors.ts';
import { invitation } from '../../domain/invitation/decide.ts';
import { team } from '../../domain/team/decide.ts';
import type { OpenTeam } from '../../domain/team/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';
import type { FindPlatformOwners } from './find-platform-owners.ts';
import { platformTeamId } from './platform-team-id.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  clock: Clock;
  findPlatformOwners: FindPlatformOwners;
}

/** `has-owner`: nobody is invited any more. `too-many-mails`: the address has been written to too often this hour. */
export type Bootstrapped = 'invited' | 'invited-before' | 'has-owner' | 'too-many-mails';

export type BootstrapPlatform = (request: { email: string }, context: Context) => Promise<Bootstrapped>;

/**
 * Founds the platform team, and invites whoever the installation names to be its Owner, while there is none whose
 * account gives a way in. Done at every start, by several processes at once: the streams let each step happen once.
 */
export function bootstrapPlatform(deps: Dependencies): BootstrapPlatform {
  const handleTeam = commandHandler(deps, team);
  const handleInvitation = commandHandler(deps, invitation);

  return async ({ email }, context) => {
    const platform = await found(context);
    if ((await deps.findPlatformOwners()).active.length > 0) return 'has-owner';
    try {
      return await inviteOwner(normaliseEmail(email), platform, context);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'too-many-attempts') return 'too-many-mails';
      throw error;
    }
  };

  async function found(context: Context): Promise<OpenTeam> {
    const { tokens, clock } = deps;
    const teamId = platformTeamId(tokens);
    const roleIds = { owner: tokens.derivedId(teamId, 'owner'), reviewer: tokens.derivedId(teamId, 'reviewer') };
    const command = { type: 'FoundPlatformTeam', teamId, name: 'Platform', roleIds, now: clock() } as const;
    const { state } = await handleTeam(streams.team(teamId), command, context);
    if (state.status !== 'open') throw new Error('the platform team is closed');
    return state;
  }

  async function inviteOwner(email: string, { roles }: OpenTeam, context: Context): Promise<Bootstrapped> {
    const { tokens, newId, clock } = deps;
    const owner = Object.values(roles).find(({ kind }) => kind === 'owner');
    if (owner === undefined) throw new Error('the platform team has no Owner role');
    const teamId = platformTeamId(tokens);
    const emailHash = tokens.emailHash(email);
    const invitationId = tokens.derivedId(teamId, emailHash);
    const about = { invitationId, teamId, roleId: owner.roleId, emailHash, email, invitedBy: null, tokenId: newId() };
    const command = { type: 'IssueInvitation', ...about, unlessOpen: true, now: clock() } as const;
    const { events } = await handleInvitation(streams.invitation(invitationId), command, context);
    return events.length === 0 ? 'invited-before' : 'invited';
  }
}
