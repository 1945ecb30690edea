import { expect } from 'vitest';
import { call, eventually, type Answer, type Client } from './journey.ts';

type Options = Parameters<typeof call>[3];

/** What an answer says by its `type`, without the prefix that all have. */
export const problemOf = ({ body }: Answer): string => String(body['type']).replace('urn:problem:', '');

const worthRepeating = ({ status, body }: Answer): boolean =>
  status >= 500 || /:(?:conflict|idempotency-in-progress)$/.test(String(body['type']));

/** As a sensible client calls: again where no answer came, or one that says that it may come later. */
export async function persistently(
  client: Client,
  method: string,
  path: string,
  options: Options = {},
  patienceMs = 60_000,
): Promise<Answer & { readonly attempts: number }> {
  let attempts = 0;
  return eventually(async () => {
    attempts += 1;
    const answer = await call(client, method, path, options);
    expect(worthRepeating(answer), `${method} ${path} answered ${answer.status} ${problemOf(answer)}`).toBe(false);
    return { ...answer, attempts };
  }, patienceMs);
}

/** Numbers from 0 up to 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
