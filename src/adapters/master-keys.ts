import { createHash } from 'node:crypto';

import { seal, unseal } from './aes-gcm.ts';

/** The key that wraps every other one. It lives in the environment only; `previous` ones still open what they wrapped. */
export interface MasterKeys {
  readonly currentId: string;
  readonly ids: readonly string[];
  wrap(key: Uint8Array, purpose: string): WrappedKey;
  unwrap(wrapped: WrappedKey, purpose: string): Buffer;
}

export interface WrappedKey {
  readonly masterKeyId: string;
  readonly wrapped: Buffer;
}

/** Each key is 32 bytes, in base64, base64url or hex. */
export function masterKeys({ current, previous = [] }: { current: string; previous?: readonly string[] }): MasterKeys {
  const newest = parsed(current);
  const keys = new Map([newest, ...previous.map(parsed)].map((key) => [idOf(key), key]));
  const currentId = idOf(newest);
  return {
    currentId,
    ids: [...keys.keys()],
    wrap: (key, purpose) => ({ masterKeyId: currentId, wrapped: seal(newest, key, purpose) }),
    unwrap({ masterKeyId, wrapped }, purpose) {
      const key = keys.get(masterKeyId);
      if (key === undefined) throw new WrongMasterKey(wrongMasterKey(masterKeyId));
      return unseal(key, wrapped, purpose);
    },
  };
}

export class WrongMasterKey extends Error {
  override readonly name = 'WrongMasterKey';
}

export function wrongMasterKey(masterKeyId: string): string {
  return (
    `The vault was locked with another MASTER_KEY (id ${masterKeyId}): ` +
    `set that one, or name it in MASTER_KEY_PREVIOUS after a change.`
  );
}

function parsed(text: string): Buffer {
  const key = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');
  if (key.length !== 32) throw new Error('MASTER_KEY must be 32 bytes in base64 or hex: openssl rand -base64 32');
  return key;
}

function idOf(key: Buffer): string {
  return createHash('sha256').update('master key id').update(key).digest('hex').slice(0, 8);
}
