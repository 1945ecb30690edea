import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';

import type { Clock } from '../application/ports.ts';
import type { MakeKey, ServiceKey, ServiceKeys } from './postgres-service-keys.ts';

export interface SigningKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly publicJwk: JWK;
}

export interface SigningKeys {
  /** Oldest first, never none; those whose last token has ended are left out. */
  current(): Promise<readonly SigningKey[]>;
  /** The newest, at most a minute after it was made; an older one only while the vault does not answer. */
  newest(): Promise<SigningKey>;
  /** From the vault, at most once a second: another process may have rotated. */
  reload(): Promise<readonly SigningKey[]>;
}

export const signingKeyPurpose = 'jwt-signing';
const freshForMs = 60_000;
/** Of an access token. */
export const accessTokenSeconds = 6 * 60 * 60;
/** How long a key goes on verifying after the next one was made: a token's life, and an hour for clocks and caches. */
export const publishedAfterMs = (accessTokenSeconds + 60 * 60) * 1000;
const reloadAfterMs = 1000;

/** Makes the first key. Once loaded, keys stay usable while the vault does not answer. */
export function vaultSigningKeys({
  serviceKeys,
  clock,
}: {
  serviceKeys: Pick<ServiceKeys, 'all'>;
  clock: Clock;
}): SigningKeys {
  let latest: { keys: readonly SigningKey[]; at: number } | undefined;
  let loading: Promise<readonly SigningKey[]> | undefined;

  async function load(): Promise<readonly SigningKey[]> {
    const now = clock();
    const stored = await serviceKeys.all(signingKeyPurpose, newSigningKey);
    const keys = await Promise.all(stillPublished(stored, now).map(imported));
    latest = { keys, at: now.getTime() };
    return keys;
  }

  function loadOnce(): Promise<readonly SigningKey[]> {
    loading ??= load().finally(() => (loading = undefined));
    return loading;
  }

  async function olderThan(ageMs: number, wait: boolean): Promise<readonly SigningKey[]> {
    if (latest === undefined) return loadOnce();
    const { keys, at } = latest;
    if (clock().getTime() - at < ageMs) return keys;
    const newer = loadOnce().catch(() => keys);
    return wait ? newer : keys;
  }

  return {
    current: () => olderThan(freshForMs, false),
    newest: async () => {
      const newest = (await olderThan(freshForMs, true)).at(-1);
      if (newest === undefined) throw new Error('There is no signing key.');
      return newest;
    },
    reload: () => olderThan(reloadAfterMs, true),
  };
}

/** Without those that signed nothing that could still be valid. */
export function stillPublished(keys: readonly ServiceKey[], now: Date): readonly ServiceKey[] {
  return keys.filter((_key, index) => {
    const next = keys[index + 1];
    return next === undefined || now.getTime() - next.createdAt.getTime() < publishedAfterMs;
  });
}

/** Ed25519 (RFC 8037). */
export const newSigningKey: MakeKey = async () => {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    secret: Buffer.from(JSON.stringify(await exportJWK(privateKey))),
    public: { ...publicJwk, kid, alg: 'EdDSA', use: 'sig' },
  };
};

async function imported({ secret, public: shown }: ServiceKey): Promise<SigningKey> {
  const publicJwk = shown as JWK;
  const privateKey = await importJWK(JSON.parse(secret.toString()) as JWK, 'EdDSA');
  const publicKey = await importJWK(publicJwk, 'EdDSA');
  const { kid } = publicJwk;
  if (kid === undefined || privateKey instanceof Uint8Array || publicKey instanceof Uint8Array) {
    throw new Error('A signing key of the vault is not an Ed25519 key.');
  }
  return { kid, privateKey, publicKey, publicJwk };
}
