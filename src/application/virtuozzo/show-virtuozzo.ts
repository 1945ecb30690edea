import { DomainError } from '../../domain/errors.ts';
import type { VirtuozzoMethod } from '../../domain/virtuozzo/events.ts';
import type { VirtuozzoCondition } from '../../domain/virtuozzo/state.ts';
import type { Clock } from '../ports.ts';
import type { VirtuozzoKeys } from '../virtuozzo.ts';
import { virtuozzoLinks, type VirtuozzoReading } from './virtuozzo-link.ts';

interface OfTeam {
  readonly teamId: string;
  readonly userId: string;
}

interface VirtuozzoView {
  readonly method: VirtuozzoMethod;
  readonly since: string;
  readonly state: VirtuozzoCondition;
  readonly stateSince: string;
}

/** `undefined` where the team is not linked. For members with `team.view`. */
export type ShowVirtuozzo = (request: OfTeam) => Promise<VirtuozzoView | undefined>;

export function showVirtuozzo(deps: VirtuozzoReading): ShowVirtuozzo {
  const linkOf = virtuozzoLinks(deps);
  return async ({ teamId, userId }) => {
    await deps.requirePermission({ teamId, userId, permission: 'team.view' });
    const link = await linkOf(teamId);
    return link && { method: link.method, since: link.since, state: link.condition, stateSince: link.conditionSince };
  };
}

/** For members with `server.manage`. Throws `virtuozzo-not-linked`. */
export type VirtuozzoSession = (request: OfTeam) => Promise<{
  readonly sessionKey: string;
  readonly obtainedAt: string;
  readonly ageSeconds: number;
  /** Whether the platform could not be asked for longer than it should be, or takes the key no more. */
  readonly stale: boolean;
}>;

/** The key as it was last had from the platform, in an outage of the platform too: nobody waits for it. */
export function virtuozzoSession(
  deps: VirtuozzoReading & { clock: Clock; virtuozzoKeys: Pick<VirtuozzoKeys, 'load'> },
): VirtuozzoSession {
  const linkOf = virtuozzoLinks(deps);
  return async ({ teamId, userId }) => {
    await deps.requirePermission({ teamId, userId, permission: 'server.manage' });
    const link = await linkOf(teamId);
    const key = link && (await deps.virtuozzoKeys.load(link.linkId));
    if (link === undefined || key === undefined) throw new DomainError('virtuozzo-not-linked');
    const ageMs = deps.clock().getTime() - key.obtainedAt.getTime();
    return {
      sessionKey: key.secret.sessionKey,
      obtainedAt: key.obtainedAt.toISOString(),
      ageSeconds: Math.max(0, Math.floor(ageMs / 1000)),
      stale: link.condition !== 'working',
    };
  };
}
