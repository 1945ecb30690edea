import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRawLog } from '../chaos/raw-log.ts';
import { accept, problemOf, startInviting, type Inviting } from './inviting.ts';
import {
  call,
  eventually,
  logIn,
  mailTo,
  newPerson,
  password,
  startLogin,
  type Client,
  type Grant,
} from './journey.ts';
import { redisKeysOf, rowsOf, search } from './search-everything.ts';

const email = 'quixotilde.needleworth@example.com';
const name = 'Quixotilde Needleworth';
const ip = '203.0.113.77';

let inviting: Inviting;
let person: Client;
let grant: Grant;

beforeAll(async () => {
  inviting = await startInviting();
  person = { ...inviting.stack.client(), ip };
  await inviting.invited(email, 'Owner');
  const accepted = await accept(person, await inviting.linkTo(email), { name, password });
  expect(accepted.status).toBe(200);
  grant = await logIn(person, email);
});
afterAll(() => inviting.stop());

const eraseMyself = (given: string) =>
  call(person, 'POST', '/v1/me/erase', { bearer: grant.accessToken, body: { password: given } });

describe('erasing oneself', () => {
  it('is refused to the only Owner of a team, who is told which', async () => {
    const founder = inviting.stack.client();
    await newPerson(founder, 'founder@example.com');
    const { accessToken } = await logIn(founder, 'founder@example.com');
    const refused = await call(founder, 'POST', '/v1/me/erase', { bearer: accessToken, body: { password } });
    expect([refused.status, problemOf(refused), refused.body['teams']]).toEqual([409, 'last-owner', 'Bridge Works']);
    expect((await call(founder, 'GET', '/v1/session', { bearer: accessToken })).status).toBe(200);
  });

  it('needs the password', async () => {
    const refused = await eraseMyself('another river, another bridge');
    expect([refused.status, problemOf(refused)]).toEqual([422, 'current-password-wrong']);
  });

  it('is answered with a receipt that the published key has signed', async () => {
    const erased = await eraseMyself(password);
    expect(erased.status, JSON.stringify(erased.body)).toBe(200);
    expect(erased.body).toMatchObject({ userId: grant.session.userId });
    const published = await call(person, 'GET', '/.well-known/audit-log-key');
    expect(isSigned(String(erased.body['signed']), String(published.body['text']).trim())).toBe(true);
    const altered = String(erased.body['signed']).replace(grant.session.userId, inviting.ownerGrant.session.userId);
    expect(isSigned(altered, String(published.body['text']).trim())).toBe(false);
  });

  it('ends the session with the next request, and the login answers as for anybody unknown', async () => {
    const refused = await call(person, 'GET', '/v1/session', { bearer: grant.accessToken });
    expect([refused.status, problemOf(refused)]).toEqual([401, 'session-revoked']);
    const login = await startLogin(person, email);
    expect([login.status, problemOf(login)]).toEqual([401, 'invalid-credentials']);
  });

  it('is told by a last mail, after which that address is forgotten too', async () => {
    await mailTo(person, email, 'erased');
    await eventually(async () => {
      const { rows } = await inviting.stack.database.pool.query<{ subject: string; wrapped_key: Buffer | null }>(
        `select subject, wrapped_key from vault.subject_keys where subject like 'erasure-%' or subject = $1`,
        [grant.session.userId],
      );
      expect(rows.map(({ wrapped_key }) => wrapped_key)).toEqual([null, null]);
    });
  });

  it('leaves a history that says what happened, but not to whom', async () => {
    const { owner, ownerGrant } = inviting;
    const history = await eventually(async () => {
      const path = `/v1/audit/events?subject=${grant.session.userId}&limit=100`;
      const found = await call(owner, 'GET', path, { bearer: ownerGrant.accessToken });
      const items = found.body['items'] as { type: string; ip: unknown }[];
      expect(items.map(({ type }) => type)).toContain('MemberLeft');
      return { items, text: JSON.stringify(found.body) };
    });
    expect(history.items.map(({ ip: from }) => from)).not.toContain(ip);
    for (const personal of [name, email, ip]) expect(history.text).not.toContain(personal);
    const members = await call(owner, 'GET', `/v1/teams/${ownerGrant.session.teamId}/members`, {
      bearer: ownerGrant.accessToken,
    });
    expect(JSON.stringify(members.body)).not.toContain(grant.session.userId);
  });

  it('leaves nothing of the person in any table, key or log', async () => {
    const { stack } = inviting;
    const kept = [
      ...(await rowsOf(stack.database.url)),
      ...(await redisKeysOf(stack.servers.redis)).filter(({ where }) => where.includes(stack.redisPrefix)),
      { where: 'logs', bytes: Buffer.from(await stack.logs()) },
      ...(await everyEvent()),
    ];
    expect(kept.length).toBeGreaterThan(20);
    const needles = Object.entries({ email, name, ip, password }).map(([what, value]) => ({ what, value }));
    expect(search(needles, kept)).toEqual([]);
  });

  it('frees the address for a new account, which is somebody else', async () => {
    const again = inviting.stack.client();
    await newPerson(again, email);
    expect((await logIn(again, email)).session.userId).not.toBe(grant.session.userId);
  });
});

/** As the store has them. */
async function everyEvent() {
  const { servers, streamPrefix } = inviting.stack;
  const events = await readRawLog(servers.eventStore, streamPrefix);
  expect(events.length).toBeGreaterThan(20);
  return events.map((event) => ({
    where: `event ${event.type}`,
    bytes: Buffer.from(JSON.stringify(event, withoutBigInts)),
  }));
}

const withoutBigInts = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

/** C2SP signed-note by its own rules: `key` is `<name>+<id>+<base64(1 || Ed25519 key)>`. */
function isSigned(note: string, key: string): boolean {
  const [origin = '', id = '', ...encoded] = key.split('+');
  const raw = Buffer.from(encoded.join('+'), 'base64');
  const hash = createHash('sha256').update(`${origin}\n`).update(raw).digest();
  expect(hash.subarray(0, 4).toString('hex')).toBe(id);
  const split = note.lastIndexOf('\n\n');
  const [, signer, signature = ''] = /^— (\S+) (\S+)\n$/.exec(note.slice(split + 2)) ?? [];
  expect(signer).toBe(origin);
  const x = raw.subarray(1).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return verifySignature(
    null,
    Buffer.from(note.slice(0, split + 1)),
    publicKey,
    Buffer.from(signature, 'base64').subarray(4),
  );
}
