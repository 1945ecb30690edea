import { DomainError } from '../../domain/errors.ts';
import { acceptanceRefused, openInvitation } from '../../domain/invitation/link.ts';
import { invitation } from '../../domain/invitation/decide.ts';
import type { Invitation } from '../../domain/invitation/state.ts';
import { invitationObstacle } from '../../domain/team/add-member.ts';
import { team } from '../../domain/team/decide.ts';
import { roleIn, type OpenTeam, type Role } from '../../domain/team/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import type { Clock, Tokens } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import { inviterIsBarred } from './inviter.ts';

interface Dependencies extends Pick<CommandHandling, 'eventStore' | 'snapshots'> {
  tokens: Tokens;
  clock: Clock;
}

export interface GoodInvitation {
  readonly invitation: Invitation;
  readonly team: OpenTeam;
  readonly role: Role;
}

export type InvitationOfToken = (token: string) => Promise<GoodInvitation>;

/** What a link stands for while it, and what it rests on, are good. Throws what `openInvitation` does. */
export function invitationOfToken(deps: Dependencies): InvitationOfToken {
  const load = streamLoader(deps, invitation);
  const loadTeam = streamLoader(deps, team);
  const isBarred = inviterIsBarred(deps);
  return async (token) => {
    const { tokens, clock } = deps;
    const [invitationId, tokenId] = tokens.read('invitation', token)?.ids ?? [];
    if (invitationId === undefined || tokenId === undefined) throw new DomainError('invitation-token-invalid');
    const { state } = await load(streams.invitation(invitationId));
    const open = openInvitation(state, tokenId, clock());
    const { state: into } = await loadTeam(streams.team(open.teamId));
    const obstacle = invitationObstacle(into, open, await isBarred(open.invitedBy));
    if (obstacle !== undefined) throw acceptanceRefused(obstacle);
    const role = roleIn(into, open.roleId);
    if (into.status !== 'open' || role === undefined) throw new Error('a team without obstacle is open');
    return { invitation: open, team: into, role };
  };
}
