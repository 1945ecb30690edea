import { invitation } from '../../domain/invitation/decide.ts';
import type { InvitationEvent } from '../../domain/invitation/events.ts';
import type { Invitation, InvitationState } from '../../domain/invitation/state.ts';
import { team } from '../../domain/team/decide.ts';
import type { TeamEvent } from '../../domain/team/events.ts';
import { roleIn } from '../../domain/team/state.ts';
import type { Clock, EventStore, PersonalData } from '../ports.ts';
import { streams } from '../streams.ts';
import { inviterName } from './inviter.ts';

interface Dependencies {
  readonly eventStore: Pick<EventStore, 'readStream'>;
  readonly personalData: Pick<PersonalData, 'open'>;
  readonly clock: Clock;
}

/** `null` for what is not there any more. */
export interface InvitationToMail {
  readonly team: string | null;
  readonly role: string | null;
  readonly inviter: string | null;
  readonly expiresAt: Date;
}

interface Round {
  readonly invitationId: string;
  readonly tokenId: string;
}

/** What a mail says about this round of an invitation; `undefined` once its link is good no more. */
export async function invitationToMail(deps: Dependencies, round: Round): Promise<InvitationToMail | undefined> {
  const open = await openRound(deps, round);
  if (open === undefined) return undefined;
  const { events } = await deps.eventStore.readStream(streams.team(open.teamId));
  const into = events.map(({ event }) => event as TeamEvent).reduce(team.evolve, team.initialState);
  return {
    team: into.status === 'open' ? into.name : null,
    role: roleIn(into, open.roleId)?.name ?? null,
    inviter: await inviterName(deps, open.invitedBy),
    expiresAt: new Date(open.expiresAt),
  };
}

async function openRound({ eventStore, clock }: Dependencies, round: Round): Promise<Invitation | undefined> {
  const { events } = await eventStore.readStream(streams.invitation(round.invitationId));
  const state = events
    .map(({ event }) => event as InvitationEvent)
    .reduce<InvitationState>(invitation.evolve, invitation.initialState);
  const open = state.status === 'open' && state.tokenId === round.tokenId && clock() < new Date(state.expiresAt);
  return open ? state : undefined;
}
