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
  /** Oldest first, never none. */
  current(): Promise<readonly SigningKey[]>;
  /** From the vault, at most once a second: another process may have rotated. */
  reload(): Promise<readonly SigningKey[]>;
}

const signingKeyPurpose = 'jwt-signing';
const freshForMs = 60_000;
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
    const keys = await Promise.all((await serviceKeys.all(signingKeyPurpose, newSigningKey)).map(imported));
    latest = { keys, at: clock().getTime() };
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
    reload: () => olderThan(reloadAfterMs, true),
  };
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
