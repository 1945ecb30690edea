import { importJWK, type CryptoKey, type JWK } from 'jose';
import { inTime } from './in-time.ts';

export type Fetch = (url: string, init: { headers: Record<string, string>; signal: AbortSignal }) => Promise<Fetched>;

export interface Fetched {
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<unknown>;
}

export interface KeySet {
  /** `undefined` for a key that the service does not have. Rejects when it has never answered. */
  keyOf(kid: string): Promise<CryptoKey | undefined>;
  /** For what was verified before: false from the moment that a key is known to be gone. */
  has(kid: string): boolean;
}

/** Keys are looked up again when they are so old, in the background; until then a withdrawn key is still good. */
const freshForMs = 5 * 60_000;
/** Whoever makes up key ids makes us ask no more often than this. */
const coolDownMs = 10_000;
const timeoutMs = 5000;

/**
 * The service's published keys (RFC 7517), kept: a rotation is noticed by the first token of the new key, and while the
 * service is away the last keys go on.
 */
export function keySet({ url, fetch, now }: { url: string; fetch: Fetch; now: () => number }): KeySet {
  let keys: ReadonlyMap<string, CryptoKey> | undefined;
  let askedAt = -Infinity;
  let asking: Promise<void> | undefined;

  function ask(): Promise<void> {
    askedAt = now();
    asking ??= fetchKeys(url, fetch)
      .then((fetched) => void (keys = fetched))
      .finally(() => (asking = undefined));
    return asking;
  }

  return {
    has: (kid) => {
      if (now() - askedAt > freshForMs) ask().catch(() => undefined);
      return keys?.has(kid) === true;
    },
    async keyOf(kid) {
      if (keys === undefined) await ask();
      else if (now() - askedAt > freshForMs) ask().catch(() => undefined);
      const known = keys?.get(kid);
      if (known !== undefined) return known;
      if (asking === undefined && now() - askedAt < coolDownMs) return undefined;
      // A failure leaves the last keys as they are; this one is not among them.
      await (asking ?? ask()).catch(() => undefined);
      return keys?.get(kid);
    },
  };
}

async function fetchKeys(url: string, fetch: Fetch): Promise<ReadonlyMap<string, CryptoKey>> {
  const { keys } = await inTime(timeoutMs, async (signal) => {
    const answer = await fetch(url, { headers: {}, signal });
    if (!answer.ok) throw new Error(`The keys cannot be fetched: status ${String(answer.status)}.`);
    return (await answer.json()) as { keys: readonly JWK[] };
  });
  const usable = keys.filter(({ kid, kty }) => kid !== undefined && kty === 'OKP');
  const imported = usable.map(async (jwk) => [jwk.kid ?? '', await importJWK(jwk, 'EdDSA')] as const);
  return new Map((await Promise.all(imported)) as [string, CryptoKey][]);
}
