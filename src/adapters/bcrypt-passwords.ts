import { compare, genSaltSync, hash as bcryptHash } from 'bcrypt';
import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import { createHmac } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { dictionary } from '@zxcvbn-ts/language-common';

import { Unavailable, type Passwords } from '../application/ports.ts';
import type { ServiceKeys } from './postgres-service-keys.ts';

/** A key outside the database that a stolen hash is worthless without. */
export interface Pepper {
  readonly version: number;
  readonly key: Buffer;
}

export async function loadPeppers({ serviceKeys }: { serviceKeys: ServiceKeys }): Promise<readonly Pepper[]> {
  const keys = await serviceKeys.all('pepper');
  return keys.map(({ number, secret }) => ({ version: number, key: secret }));
}

const schemePrefix = 'bcrypt-hmac-sha384-';
/** How long a queue of the default length takes at cost 12 on two cores, in seconds. */
const queueSeconds = 7;

/**
 * bcrypt over base64(HMAC-SHA-384(password, pepper)), as the OWASP Password Storage Cheat Sheet has it: bcrypt alone
 * would ignore all after 72 bytes. As many hashes run at once as there are cores, since more would starve the thread
 * pool that file and name look-ups share.
 */
export function bcryptPasswords({
  cost,
  peppers,
  concurrency = availableParallelism(),
  queue = 64,
}: {
  cost: number;
  /** The last one hashes, all verify. */
  peppers: readonly Pepper[];
  concurrency?: number;
  queue?: number;
}): Passwords {
  const newest = peppers.at(-1);
  if (newest === undefined) throw new Error('There is no pepper.');
  const scheme = `${schemePrefix}${cost}`;
  const limit = bulkhead(concurrency, queue);
  const noHash = genSaltSync(cost) + '.'.repeat(31);

  async function limited<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await limit.execute(work);
    } catch (error) {
      if (!(error instanceof BulkheadRejectedError)) throw error;
      throw new Unavailable('password-hashing', { cause: error, retryAfterSeconds: queueSeconds });
    }
  }

  function pepperOf(version: number): Pepper {
    const pepper = peppers.find((known) => known.version === version);
    if (pepper === undefined) throw new Error(`There is no pepper of version ${version}.`);
    return pepper;
  }

  return {
    async hash(password) {
      const hash = await limited(() => bcryptHash(peppered(password, newest), cost));
      return { scheme, pepperVersion: newest.version, hash };
    },

    async verify(password, stored) {
      if (stored && !stored.scheme.startsWith(schemePrefix)) throw new Error(`Unknown scheme ${stored.scheme}.`);
      const pepper = stored ? pepperOf(stored.pepperVersion) : newest;
      const equal = await limited(() => compare(peppered(password, pepper), stored?.hash ?? noHash));
      return equal && stored !== undefined;
    },

    isCommon: (password) => commonPasswords.has(password.normalize('NFC').toLowerCase()),
  };
}

/** 64 characters, and the same for every way to type an accented letter. */
function peppered(password: string, { key }: Pepper): string {
  return createHmac('sha384', key).update(password.normalize('NFC')).digest('base64');
}

const commonPasswords: ReadonlySet<string> = new Set(
  dictionary['passwords-common'].map((password) => password.toLowerCase()),
);
