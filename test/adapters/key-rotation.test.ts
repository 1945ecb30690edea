import { randomBytes, randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { hmacTokens } from '../../src/adapters/hmac-tokens.ts';
import { publishedAfterMs, vaultSigningKeys } from '../../src/adapters/jose-signing-keys.ts';
import { joseTokens } from '../../src/adapters/jose-tokens.ts';
import { issuesAfterMs, liveTokenKeys, type LiveTokenKeys } from '../../src/adapters/live-token-keys.ts';
import { masterKeys } from '../../src/adapters/master-keys.ts';
import { migrate } from '../../src/adapters/postgres-migrations.ts';
import type { ServiceKeys } from '../../src/adapters/postgres-service-keys.ts';
import { postgresVault } from '../../src/adapters/postgres-vault.ts';
import { listKeys, rotateKey } from '../../src/cli/keys.ts';
import { freshDatabase } from './servers.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let now: Date;
const master = masterKeys({ current: randomBytes(32).toString('base64') });
const clock = () => now;
const minute = 60_000;
const claims = { userId: randomUUID(), sessionId: randomUUID(), teamId: randomUUID(), roleId: randomUUID() };
const opened: LiveTokenKeys[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.pool);
});
afterAll(async () => {
  for (const keys of opened) keys.stop();
  await database.drop();
});
beforeEach(async () => {
  now = new Date('2026-01-02T03:04:05.000Z');
  await database.pool.query('truncate vault.service_keys');
});

/** The keys as another process would hold them. */
async function newProcess() {
  const vault = postgresVault({ pool: database.pool, masterKeys: master, clock });
  const signingKeys = vaultSigningKeys({ serviceKeys: vault.serviceKeys, clock });
  const tokenKeys = await liveTokenKeys({ serviceKeys: vault.serviceKeys, clock });
  opened.push(tokenKeys);
  const origin = 'https://auth.example';
  const accessTokens = joseTokens({ signingKeys, issuer: origin, audience: origin });
  return { vault, accessTokens, tokens: hmacTokens({ keys: tokenKeys }), reload: () => tokenKeys.reload() };
}

/** What an operator reads. */
async function operator(run: (out: Writable) => Promise<void>): Promise<string> {
  let text = '';
  await run(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    }),
  );
  return text;
}

type Process = Awaited<ReturnType<typeof newProcess>>;
const rotate = ({ vault }: Process, purpose: string) => operator((out) => rotateKey({ vault, clock, out }, [purpose]));
const list = ({ vault }: Process) => operator((out) => listKeys({ vault, clock, out }));
const kidsOf = async ({ accessTokens }: Process) =>
  (await accessTokens.publicKeys()).keys.map((key) => (key as { kid: string }).kid);
const kidOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;

describe('a new signing key', () => {
  it('signs in every process within a minute, and its tokens are good everywhere at once', async () => {
    const [one, other] = [await newProcess(), await newProcess()];
    const before = (await one.accessTokens.sign(claims, now)).token;
    expect(await other.accessTokens.verify(before, now)).toMatchObject(claims);
    await rotate(one, 'jwt-signing');

    now = new Date(now.getTime() + minute);
    const after = (await one.accessTokens.sign(claims, now)).token;
    expect(kidOf(after)).not.toBe(kidOf(before));
    expect(kidOf((await other.accessTokens.sign(claims, now)).token)).toBe(kidOf(after));
    for (const { accessTokens } of [one, other]) {
      expect(await accessTokens.verify(before, now)).toMatchObject(claims);
      expect(await accessTokens.verify(after, now)).toMatchObject(claims);
    }
  });

  it('is known to a process that meets a token of it before it has heard of it', async () => {
    const [one, other] = [await newProcess(), await newProcess()];
    await other.accessTokens.verify((await one.accessTokens.sign(claims, now)).token, now);
    await rotate(one, 'jwt-signing');
    now = new Date(now.getTime() + 2000);
    const after = (await (await newProcess()).accessTokens.sign(claims, now)).token;
    expect(await other.accessTokens.verify(after, now)).toMatchObject(claims);
  });

  it('leaves the one before published until the last token under it has ended', async () => {
    const one = await newProcess();
    const before = kidOf((await one.accessTokens.sign(claims, now)).token);
    await rotate(one, 'jwt-signing');
    now = new Date(now.getTime() + publishedAfterMs - 1);
    expect(await kidsOf(await newProcess())).toContain(before);
    now = new Date(now.getTime() + 1);
    const left = await kidsOf(await newProcess());
    expect(left).toHaveLength(1);
    expect(left).not.toContain(before);
    expect(await list(one)).toMatch(/jwt-signing +1 .*none\n.*jwt-signing +2 .*signs/s);
  });
});

describe('a new key of the derived tokens', () => {
  const ids = [randomUUID(), randomUUID()];

  it('issues only when every process has had time to learn of it', async () => {
    const [one, other] = [await newProcess(), await newProcess()];
    const before = one.tokens.issue('refresh', ids);
    const code = one.tokens.deviceCode(ids[0] ?? '');
    await rotate(one, 'token-derivation');
    const fresh = await newProcess();
    expect(fresh.tokens.issue('refresh', ids)).toBe(before);

    await Promise.all([one.reload(), other.reload()]);
    now = new Date(now.getTime() + issuesAfterMs);
    const after = fresh.tokens.issue('refresh', ids);
    expect(after).not.toBe(before);
    for (const { tokens } of [one, other, fresh]) {
      expect(tokens.issue('refresh', ids)).toBe(after);
      expect(tokens.read('refresh', before)).toMatchObject({ ids });
      expect(tokens.read('refresh', after)).toMatchObject({ ids });
      expect(tokens.deviceCodeMatches(ids[0] ?? '', code)).toBe(true);
    }
  });

  it('leaves the keys as they are where the vault does not answer', async () => {
    const one = await newProcess();
    const keys = await liveTokenKeys({
      serviceKeys: {
        ...one.vault.serviceKeys,
        all: failingAfter((...given: Parameters<ServiceKeys['all']>) => one.vault.serviceKeys.all(...given), 4),
      },
      clock,
    });
    opened.push(keys);
    const before = keys.derivation;
    await keys.reload();
    expect(keys.derivation).toEqual(before);
  });
});

/** Answers so many calls and then no more. */
function failingAfter<Given extends unknown[], Result>(call: (...given: Given) => Promise<Result>, times: number) {
  let calls = 0;
  return (...given: Given): Promise<Result> =>
    (calls += 1) > times ? Promise.reject(new Error('away')) : call(...given);
}

it('only what can be replaced is rotated', async () => {
  const one = await newProcess();
  await expect(rotate(one, 'email-hash')).rejects.toThrow(/jwt-signing, token-derivation, pepper/);
  expect(await rotate(one, 'pepper')).toContain('pepper has key number 2');
  expect(await list(one)).toMatch(/pepper +1 .*verifies\n.*pepper +2 .*hashes/s);
});
