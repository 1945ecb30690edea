import { DomainError } from '../../domain/errors.ts';
import { team } from '../../domain/team/decide.ts';
import { ownersOf, type TeamState } from '../../domain/team/state.ts';
import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { recipientOf } from '../emails/email-recipient.ts';
import type { Clock, Context, Directory, PersonalData } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { LeaveTeam } from '../teams/leave-team.ts';
import type { CompleteErasure } from './complete-erasure.ts';
import { receiptText, type ErasureReceipt } from './erasure-receipt.ts';
import type { SignNote } from '../sign-note.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  directory: Directory;
  personalData: PersonalData;
  signNote: SignNote;
  leaveTeam: LeaveTeam;
  completeErasure: CompleteErasure;
}

export type ErasePerson = (
  request: { userId: string },
  context: Context,
) => Promise<{ receipt: ErasureReceipt; position: bigint | undefined }>;

/**
 * Forgets a person. Refused with `last-owner` while a team would be left without an Owner; nothing has happened then.
 * Killed anywhere before the event, the person is there and can ask again; after it, a reaction does the rest. Asked
 * again, it answers the same receipt.
 */
export function erasePerson(deps: Dependencies): ErasePerson {
  const loadTeam = streamLoader(deps, team);
  const handle = commandHandler(deps, user);

  return async ({ userId }, context) => {
    const asked = await handle(streams.user(userId), { type: 'RequestErasure', userId, now: deps.clock() }, context);
    if (asked.state.status === 'active') await leaveTeams(userId, asked.position ?? 0n, context);
    const email = (await recipientOf(deps, userId))?.email ?? null;
    const command = { type: 'EraseUser', userId, receiptId: deps.newId(), email, now: deps.clock() } as const;
    const { state, position } = await handle(streams.user(userId), command, context);
    if (state.status !== 'erased') throw new Error('who was erased is erased');
    await deps.completeErasure({ userId, position: position ?? 0n }, context);
    return { receipt: await receiptOf(userId, state), position };
  };

  /** Those joined until the request at `position`. All are asked before the first is left. */
  async function leaveTeams(userId: string, position: bigint, context: Context): Promise<void> {
    const teams = await deps.directory.teamsOf(userId, position);
    const states = await Promise.all(teams.map(({ teamId }) => loadTeam(streams.team(teamId))));
    const needing = states.flatMap(({ state }) => (needsOwner(state, userId) ? [state.name] : []));
    if (needing.length > 0) throw new DomainError('last-owner', { teams: needing.join(', ') });
    for (const { teamId } of teams) await deps.leaveTeam({ teamId, userId }, context).catch(unlessLeftAlready);
  }

  async function receiptOf(
    userId: string,
    { receiptId, erasedAt }: { receiptId: string; erasedAt: string },
  ): Promise<ErasureReceipt> {
    const facts = { receiptId, userId, erasedAt };
    return { ...facts, signed: await deps.signNote(receiptText(facts)) };
  }
}

const needsOwner = (state: TeamState, userId: string): state is Extract<TeamState, { status: 'open' }> =>
  state.status === 'open' && ownersOf(state).every((owner) => owner === userId);

/** By the same request, made twice at once. */
function unlessLeftAlready(error: unknown): void {
  if (!(error instanceof DomainError) || error.code !== 'team-not-found') throw error;
}
