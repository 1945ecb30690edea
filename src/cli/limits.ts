import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { LimitState, OperatorLimits } from '../adapters/redis-limits.ts';
import type { Clock, EventStore, Snapshots, Tokens } from '../application/ports.ts';
import { streamLoader } from '../application/stream-loader.ts';
import { streams } from '../application/streams.ts';
import { emailAddress } from '../domain/email-address/decide.ts';
import { normaliseEmail } from '../domain/email-address/normalise.ts';
import { holderOf } from '../domain/email-address/state.ts';
import { user } from '../domain/user/decide.ts';
import { hasPassword, type FailureCount } from '../domain/user/state.ts';
import { tableText } from './table-text.ts';

const connectingMs = 3000;

export interface LimitCommands {
  readonly redis: Redis;
  readonly limits: { readonly operator: OperatorLimits };
  readonly eventStore: EventStore;
  readonly snapshots: Snapshots;
  readonly tokens: Pick<Tokens, 'emailHash'>;
  readonly clock: Clock;
  readonly out: NodeJS.WritableStream;
}

/** `mbauth limits show <ip | e-mail address | user id>` */
export async function showLimits(commands: LimitCommands, names: readonly string[]): Promise<void> {
  const { by, key } = await subjectOf(commands, names[0]);
  await connected(commands.redis);
  const states = await commands.limits.operator.show(by, key);
  commands.out.write(tableText(['limit', 'used', 'allowed', 'resets in'], states.map(rowOf)));
  if (by === 'user') commands.out.write(await locksOf(commands, key));
}

/** `mbauth limits clear <ip | e-mail address | user id>`: of what is counted in Redis, not of a locked account. */
export async function clearLimits(commands: LimitCommands, names: readonly string[]): Promise<void> {
  const { by, key } = await subjectOf(commands, names[0]);
  await connected(commands.redis);
  await commands.limits.operator.clear(by, key);
  commands.out.write(`The limits of ${by} ${key} are cleared.\n`);
}

/** The connection of the request path fails at once where it is not there yet; an operator can wait for it. */
async function connected(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return;
  await once(redis, 'ready', { signal: AbortSignal.timeout(connectingMs) }).catch((error: unknown) => {
    throw new Error('Redis does not answer.', { cause: error });
  });
}

const rowOf = ({ limit, used, allowed, resetsInSeconds }: LimitState): string[] => [
  limit,
  String(used),
  String(allowed),
  used === 0 ? '' : `${resetsInSeconds} s`,
];

async function subjectOf(
  commands: LimitCommands,
  name: string | undefined,
): Promise<{ by: 'ip' | 'user'; key: string }> {
  if (name === undefined) throw new Error('Name an address of a client, an e-mail address or a user id.');
  if (isIP(name) !== 0) return { by: 'ip', key: name };
  if (z.uuid().safeParse(name).success) return { by: 'user', key: name };
  const hash = commands.tokens.emailHash(normaliseEmail(name));
  const { state } = await streamLoader(commands, emailAddress)(streams.emailAddress(hash));
  const userId = holderOf(state);
  if (userId === undefined) throw new Error('Nobody has this e-mail address.');
  return { by: 'user', key: userId };
}

/** Locks are decided by the person's own stream. */
async function locksOf(commands: LimitCommands, userId: string): Promise<string> {
  const { state } = await streamLoader(commands, user)(streams.user(userId));
  if (!hasPassword(state)) return '';
  const now = commands.clock();
  const row = (device: string, { failedLogins, lockedUntil }: FailureCount) => [
    device,
    String(failedLogins),
    lockedUntil !== null && new Date(lockedUntil) > now ? lockedUntil : '',
  ];
  const rows = [row('not approved', state), ...state.deviceFailures.map((count) => row(count.deviceId, count))];
  return `\n${tableText(['devices', 'wrong passwords in a row', 'locked until'], rows)}`;
}
