import type { VirtuozzoUnlinkReason } from '../../domain/virtuozzo/events.ts';
import { virtuozzo } from '../../domain/virtuozzo/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';
import type { RequirePermission } from '../teams/require-permission.ts';
import type { ForgetVirtuozzoKey } from './forget-virtuozzo-key.ts';
import { requireOwner } from './virtuozzo-link.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  requirePermission: RequirePermission;
  forgetVirtuozzoKey: ForgetVirtuozzoKey;
}

/** Throws `team-not-found` and `not-an-owner`. */
export type UnlinkVirtuozzo = (
  request: { teamId: string; userId: string },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

export function unlinkVirtuozzo(deps: Dependencies): UnlinkVirtuozzo {
  const unlink = unlinker(deps);
  return async ({ teamId, userId }, context) => {
    await requireOwner(deps.requirePermission, { teamId, userId });
    return unlink({ teamId, reason: 'by-owner' }, context);
  };
}

export type UnlinkClosedTeam = (request: { teamId: string }, context: Context) => Promise<unknown>;

/** A closed team has nobody left who could. */
export function unlinkClosedTeam(deps: Dependencies): UnlinkClosedTeam {
  const unlink = unlinker(deps);
  return ({ teamId }, context) => unlink({ teamId, reason: 'team-closed' }, context);
}

/** The event first, then the key: from then on it is served to nobody, and a renewal under way finds nothing to renew. */
function unlinker(deps: Dependencies) {
  const handle = commandHandler(deps, virtuozzo);
  return async (request: { teamId: string; reason: VirtuozzoUnlinkReason }, context: Context) => {
    const command = { type: 'Unlink', ...request, now: deps.clock() } as const;
    const { events, position } = await handle(streams.virtuozzo(request.teamId), command, context);
    for (const { type, data } of events) {
      // An outage of the vault leaves it to the reaction.
      if (type === 'VirtuozzoUnlinked') await deps.forgetVirtuozzoKey({ linkId: data.linkId }).catch(() => undefined);
    }
    return { position };
  };
}
