import { compare, genSaltSync, hash as bcryptHash } from 'bcrypt';
import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import { createHmac } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { dictionary } from '@zxcvbn-ts/language-common';

import { Unavailable, type Clock, type Passwords } from '../application/ports.ts';
import type { ServiceKeys } from './postgres-service-keys.ts';

/** A key outside the database that a stolen hash is worthless without. */
export interface Pepper {
  readonly version: number;
  readonly key: Buffer;
}

const pepperPurpose = 'pepper';

export async function loadPeppers({ serviceKeys }: { serviceKeys: ServiceKeys }): Promise<readonly Pepper[]> {
  const keys = await serviceKeys.all(pepperPurpose);
  return keys.map(({ number, secret }) => ({ version: number, key: secret }));
}

/**
 * From now on new hashes stand under a new pepper, and older ones follow with the next login of each person. The
 * earlier peppers stay, to verify; processes that run take it up within about a minute.
 */
export async function rotatePepper({ serviceKeys }: { serviceKeys: ServiceKeys }): Promise<{ version: number }> {
  await serviceKeys.all(pepperPurpose);
  const { number } = await serviceKeys.rotate(pepperPurpose);
  return { version: number };
}

const schemePrefix = 'bcrypt-hmac-sha384-';
const freshForMs = 60_000;
/** libuv's, which file and name look-ups share. One is left to them. */
const threads = 4;
/**
 * bcrypt over base64(HMAC-SHA-384(password, pepper)), as the OWASP Password Storage Cheat Sheet has it: bcrypt alone
 * would ignore all after 72 bytes. As many hashes run at once as there are cores, but never on all threads of the pool
 * that file and name look-ups share.
 */
export function bcryptPasswords({
  cost,
  peppers: loaded,
  reloadPeppers = () => Promise.resolve(loaded),
  clock = () => new Date(),
  concurrency = Math.min(availableParallelism(), threads - 1),
  queue = 64,
  longestWaitMs = 4000,
}: {
  cost: number;
  /** The last one hashes, all verify. */
  peppers: readonly Pepper[];
  reloadPeppers?: () => Promise<readonly Pepper[]>;
  clock?: Clock;
  concurrency?: number;
  queue?: number;
  /** Whoever would wait longer is told at once: most people would have given up by then, and tried again. */
  longestWaitMs?: number;
}): Passwords {
  const peppers = pepperShelf(loaded, reloadPeppers, clock);
  const scheme = `${schemePrefix}${cost}`;
  const limited = limiter({ concurrency, queue, longestWaitMs });
  const noHash = genSaltSync(cost) + '.'.repeat(31);

  return {
    async hash(password) {
      const pepper = peppers.newest();
      const hash = await limited(() => bcryptHash(peppered(password, pepper), cost));
      return { scheme, pepperVersion: pepper.version, hash };
    },

    async verify(password, stored) {
      if (stored && !stored.scheme.startsWith(schemePrefix)) throw new Error(`Unknown scheme ${stored.scheme}.`);
      const pepper = stored ? await peppers.of(stored.pepperVersion) : peppers.newest();
      const equal = await limited(() => compare(peppered(password, pepper), stored?.hash ?? noHash));
      return equal && stored !== undefined;
    },

    isCurrent: (stored) => stored.scheme === scheme && stored.pepperVersion === peppers.newest().version,
    isCommon: (password) => commonPasswords.has(password.normalize('NFC').toLowerCase()),
  };
}

/** Refuses what would wait for too many others, or for too long by what the newest ones took. */
function limiter(options: { concurrency: number; queue: number; longestWaitMs: number }) {
  const { concurrency, queue, longestWaitMs } = options;
  const limit = bulkhead(concurrency, queue);
  let eachMs = 0;
  const expectedMs = () => ((queue - limit.queueSlots) / concurrency) * eachMs;
  const busy = (cause?: Error) =>
    new Unavailable('password-hashing', { cause, retryAfterSeconds: Math.max(1, Math.ceil(expectedMs() / 1000)) });

  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (expectedMs() > longestWaitMs) throw busy();
    try {
      return await limit.execute(async () => {
        const startedAt = performance.now();
        const result = await work();
        const ms = performance.now() - startedAt;
        eachMs = eachMs === 0 ? ms : 0.8 * eachMs + 0.2 * ms;
        return result;
      });
    } catch (error) {
      if (!(error instanceof BulkheadRejectedError)) throw error;
      throw busy(error);
    }
  };
}

/** Another process may have rotated: looked for now and then beside the work, and at once for an unknown version. */
function pepperShelf(loaded: readonly Pepper[], reload: () => Promise<readonly Pepper[]>, clock: Clock) {
  let peppers = loaded;
  let loadedAt = clock().getTime();
  let loading: Promise<void> | undefined;
  const known = (version: number) => peppers.find((pepper) => pepper.version === version);

  async function load(): Promise<void> {
    peppers = await reload();
    loadedAt = clock().getTime();
  }

  function loadOnce(): Promise<void> {
    loading ??= load().finally(() => (loading = undefined));
    return loading;
  }

  function newest(): Pepper {
    // While the vault does not answer, those that are known go on.
    if (clock().getTime() - loadedAt >= freshForMs) loadOnce().catch(() => undefined);
    const last = peppers.at(-1);
    if (last === undefined) throw new Error('There is no pepper.');
    return last;
  }
  newest();

  return {
    newest,
    async of(version: number): Promise<Pepper> {
      if (known(version) === undefined) await loadOnce();
      const pepper = known(version);
      if (pepper === undefined) throw new Error(`There is no pepper of version ${version}.`);
      return pepper;
    },
  };
}

/** 64 characters, and the same for every way to type an accented letter. */
function peppered(password: string, { key }: Pepper): string {
  return createHmac('sha384', key).update(password.normalize('NFC')).digest('base64');
}

const commonPasswords: ReadonlySet<string> = new Set(
  dictionary['passwords-common'].map((password) => password.toLowerCase()),
);
