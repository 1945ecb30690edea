import { virtuozzo } from '../../domain/virtuozzo/decide.ts';
import type { VirtuozzoRefreshFailure } from '../../domain/virtuozzo/events.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { Unavailable, type Clock, type Context, type Pause } from '../ports.ts';
import { streams } from '../streams.ts';
import type { VirtuozzoKey, VirtuozzoKeys, VirtuozzoPlatform, VirtuozzoSecret } from '../virtuozzo.ts';
import type { ForgetVirtuozzoKey } from './forget-virtuozzo-key.ts';
import { virtuozzoLinks } from './virtuozzo-link.ts';

/** Longer than all calls of one try together: whoever holds a claim longer has died. */
const claimMs = 60_000;
/** A platform that gives no answer is asked a second time before it counts as an outage. */
const secondTryMs = 500;
/** What only a person can mend is not tried every minute: too many refused tokens could lock the account. */
const refusedDueMs = 3_600_000;
/** A link that is being made has its key before its event; one without an event for so long never gets one. */
const orphanMs = 3_600_000;
const mostPerRun = 500;
const atOnce = 8;

interface Dependencies extends CommandHandling {
  clock: Clock;
  pause: Pause;
  virtuozzoKeys: VirtuozzoKeys;
  virtuozzoPlatform: VirtuozzoPlatform | null;
  /** A key older than `keySeconds` is renewed though it still works. */
  virtuozzoSettings: { readonly probeSeconds: number; readonly keySeconds: number };
  forgetVirtuozzoKey: ForgetVirtuozzoKey;
}

interface Due {
  readonly linkId: string;
  readonly teamId: string;
  readonly createdAt: Date;
}

type Finding =
  | { readonly kind: 'working' }
  | { readonly kind: 'refreshed' }
  | { readonly kind: 'wiped' }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'refused'; readonly reason: VirtuozzoRefreshFailure };

export type RefreshVirtuozzo = (request: Record<string, never>, context: Context) => Promise<void>;

/** Tries every key that is due, and renews what is refused or old; one at a time for a link, whoever else does so too. */
export function refreshVirtuozzo(deps: Dependencies): RefreshVirtuozzo {
  const { clock, virtuozzoKeys, virtuozzoPlatform: platform } = deps;
  const probe = prober(deps);
  return async (_request, context) => {
    if (platform === null) return;
    const due = [...(await virtuozzoKeys.due(clock(), mostPerRun))];
    const failures: unknown[] = [];
    const workOff = async (): Promise<void> => {
      for (let next = due.shift(); next !== undefined; next = due.shift()) {
        await probe(platform, next, context).catch((error: unknown) => failures.push(error));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, workOff));
    if (failures.length > 0) throw failures[0];
  };
}

function prober(deps: Dependencies) {
  const { clock, newId, virtuozzoKeys, virtuozzoSettings } = deps;
  const linkOf = virtuozzoLinks(deps);
  const record = recorder(deps);

  return async (platform: VirtuozzoPlatform, due: Due, context: Context): Promise<void> => {
    const { linkId, teamId } = due;
    const link = await linkOf(teamId);
    if (link?.linkId !== linkId) {
      if (clock().getTime() - due.createdAt.getTime() >= orphanMs) await deps.forgetVirtuozzoKey({ linkId });
      return;
    }
    const holder = newId();
    const key = await virtuozzoKeys.claim(linkId, holder, clock(), new Date(clock().getTime() + claimMs));
    if (key === undefined) return;
    let waitMs = virtuozzoSettings.probeSeconds * 1000;
    try {
      const finding = await find(deps, platform, key, holder);
      await record({ linkId, teamId }, finding, context);
      if (finding.kind === 'refused') waitMs = Math.max(waitMs, refusedDueMs);
    } finally {
      await virtuozzoKeys.release(linkId, holder, new Date(clock().getTime() + waitMs));
    }
  };
}

async function find(
  deps: Dependencies,
  platform: VirtuozzoPlatform,
  key: VirtuozzoKey,
  holder: string,
): Promise<Finding> {
  const once = () => tryKey(deps, platform, key, holder);
  return once()
    .catch(async (error: unknown) => {
      if (!isOutage(error)) throw error;
      await deps.pause(secondTryMs);
      return once();
    })
    .catch((error: unknown) => {
      if (!isOutage(error)) throw error;
      return { kind: 'unavailable' as const };
    });
}

const isOutage = (error: unknown): boolean => error instanceof Unavailable && error.what === 'virtuozzo';

async function tryKey(
  deps: Dependencies,
  platform: VirtuozzoPlatform,
  { linkId, secret, obtainedAt }: VirtuozzoKey,
  holder: string,
): Promise<Finding> {
  const { clock, virtuozzoSettings } = deps;
  const works = await platform.accepts(secret.sessionKey);
  const isOld = clock().getTime() - obtainedAt.getTime() >= virtuozzoSettings.keySeconds * 1000;
  if (works && !(isOld && secret.token !== undefined)) return { kind: 'working' };
  if (secret.token === undefined) return { kind: 'refused', reason: 'not-renewable' };
  return renewed(deps, platform, { linkId, secret, token: secret.token, works, holder });
}

interface Renewal {
  readonly linkId: string;
  readonly secret: VirtuozzoSecret;
  readonly token: string;
  /** Whether the key that there is is still taken. */
  readonly works: boolean;
  readonly holder: string;
}

async function renewed(
  { clock, virtuozzoKeys }: Dependencies,
  platform: VirtuozzoPlatform,
  { linkId, secret, token, works, holder }: Renewal,
): Promise<Finding> {
  const answer = await platform.signInByToken(token);
  if (answer.kind === 'refused') return works ? { kind: 'working' } : { kind: 'refused', reason: 'token-refused' };
  const { sessionKey } = answer;
  const kept = await virtuozzoKeys.renew(linkId, holder, { ...secret, sessionKey }, clock());
  // Unlinked meanwhile: the new key is not to be left lying about on the platform either.
  const ended = kept ? secret.sessionKey : sessionKey;
  if (!kept || works) await platform.signOut(ended).catch(() => undefined);
  return { kind: kept ? 'refreshed' : 'wiped' };
}

function recorder(deps: Dependencies) {
  const handle = commandHandler(deps, virtuozzo);
  return async (link: { linkId: string; teamId: string }, finding: Finding, context: Context): Promise<void> => {
    if (finding.kind === 'wiped') return;
    const about = { ...link, now: deps.clock() };
    await handle(streams.virtuozzo(link.teamId), commandFor(finding, about), context);
  };
}

function commandFor(
  finding: Exclude<Finding, { kind: 'wiped' }>,
  about: { linkId: string; teamId: string; now: Date },
) {
  switch (finding.kind) {
    case 'working':
      return { type: 'RecordWorking', ...about } as const;
    case 'refreshed':
      return { type: 'RecordRefreshed', ...about } as const;
    case 'unavailable':
      return { type: 'RecordUnavailable', ...about } as const;
    case 'refused':
      return { type: 'RecordRefused', reason: finding.reason, ...about } as const;
  }
}
