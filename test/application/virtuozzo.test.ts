import { describe, expect, it } from 'vitest';
import { streams } from '../../src/application/streams.ts';
import type { DomainError, DomainErrorCode } from '../../src/domain/errors.ts';
import { context, developer, owner, teamId, virtuozzoWorld } from './virtuozzo-world.ts';

const right = { login: 'ann@example.org', password: 'right' };
const refusedWith = (code: DomainErrorCode) => expect.objectContaining({ code }) as DomainError;

async function linkedWorld(credentials: typeof right | { token: string } = right) {
  const all = await virtuozzoWorld();
  await all.useCases.linkVirtuozzo({ ...owner, credentials }, context(owner.userId));
  return { ...all, refresh: () => all.useCases.refreshVirtuozzo({}, context()) };
}

describe('linking', () => {
  it('uses the password once, and keeps a session key and a token in the vault only', async () => {
    const { keys, useCases, eventStore } = await linkedWorld();
    expect([...keys.rows.values()].map(({ secret }) => secret)).toEqual([
      { sessionKey: 'session-1', token: 'token-2', tokenId: 'token-2' },
    ]);
    expect(await useCases.virtuozzoSession(owner)).toMatchObject({
      sessionKey: 'session-1',
      ageSeconds: 0,
      stale: false,
    });
    expect(await useCases.showVirtuozzo(developer)).toMatchObject({ method: 'password', state: 'working' });
    const { events } = await eventStore.readStream(streams.virtuozzo(teamId));
    expect(JSON.stringify(events.map(({ event }) => event))).not.toMatch(/session-1|token-2|right/);
  });

  it('is for Owners, and the key for those who manage servers', async () => {
    const { useCases } = await linkedWorld();
    const credentials = right;
    await expect(useCases.linkVirtuozzo({ ...developer, credentials }, context())).rejects.toEqual(
      refusedWith('not-an-owner'),
    );
    await expect(useCases.unlinkVirtuozzo(developer, context())).rejects.toEqual(refusedWith('not-an-owner'));
    await expect(useCases.virtuozzoSession(developer)).rejects.toEqual(refusedWith('permission-missing'));
    const stranger = { teamId, userId: 'stranger' };
    await expect(useCases.showVirtuozzo(stranger)).rejects.toEqual(refusedWith('team-not-found'));
  });

  it('says why the platform refuses', async () => {
    const { useCases, types } = await virtuozzoWorld();
    const link = (credentials: typeof right | { token: string }) =>
      useCases.linkVirtuozzo({ ...owner, credentials }, context());
    await expect(link({ ...right, password: 'wrong' })).rejects.toEqual(refusedWith('virtuozzo-credentials-refused'));
    await expect(link({ ...right, password: 'second factor' })).rejects.toEqual(refusedWith('virtuozzo-two-factor'));
    await expect(link({ token: 'unknown' })).rejects.toEqual(refusedWith('virtuozzo-credentials-refused'));
    expect(await types()).toEqual([]);
    await expect(useCases.virtuozzoSession(owner)).rejects.toEqual(refusedWith('virtuozzo-not-linked'));
  });

  it('twice at once leaves one link with its key, and wipes the other', async () => {
    const { useCases, keys, types, platform } = await virtuozzoWorld();
    const link = () => useCases.linkVirtuozzo({ ...owner, credentials: right }, context(owner.userId));
    await Promise.all([link(), link()]);
    expect(await types()).toEqual(['VirtuozzoLinked', 'VirtuozzoLinked']);
    const rows = [...keys.rows.values()];
    expect(rows).toHaveLength(1);
    const { sessionKey } = await useCases.virtuozzoSession(owner);
    expect(sessionKey).toBe(rows[0]?.secret.sessionKey);
    expect([...platform.sessions]).toEqual([sessionKey]);
  });

  it('sweeps the key of a link whose process died before its event, and no younger one', async () => {
    const { useCases, keys, later, with: with_ } = await virtuozzoWorld();
    const dying = with_({
      eventStore: {
        readStream: () => Promise.reject(new Error('killed')),
        append: () => Promise.reject(new Error('killed')),
      } as never,
    });
    await expect(dying.linkVirtuozzo({ ...owner, credentials: right }, context())).rejects.toThrow();
    await keys.save({ linkId: 'orphan', teamId, secret: { sessionKey: 'lost' }, obtainedAt: new Date() }, new Date(0));
    await useCases.refreshVirtuozzo({}, context());
    expect(keys.rows.has('orphan')).toBe(true);
    later(3600);
    await useCases.refreshVirtuozzo({}, context());
    expect(keys.rows.has('orphan')).toBe(false);
  });
});

describe('unlinking', () => {
  it('wipes the key here and on the platform', async () => {
    const { useCases, keys, platform, types } = await linkedWorld();
    await useCases.unlinkVirtuozzo(owner, context(owner.userId));
    expect(keys.rows.size).toBe(0);
    expect(platform.sessions.size + platform.tokens.size).toBe(0);
    expect(await types()).toEqual(['VirtuozzoLinked', 'VirtuozzoUnlinked']);
    expect(await useCases.showVirtuozzo(owner)).toBeUndefined();
  });

  it('works while the platform does not answer', async () => {
    const { useCases, keys, platform } = await linkedWorld();
    platform.answers = false;
    await useCases.unlinkVirtuozzo(owner, context(owner.userId));
    expect(keys.rows.size).toBe(0);
  });

  it('in the middle of a renewal leaves no key behind, here or there', async () => {
    const { useCases, keys, platform, types, later, refresh } = await linkedWorld();
    platform.sessions.clear();
    platform.meanwhile = async () => {
      platform.meanwhile = undefined;
      await useCases.unlinkVirtuozzo(owner, context(owner.userId));
      platform.tokens.add('token-2'); // The platform had taken the token before it was deleted.
    };
    later();
    await refresh();
    expect(keys.rows.size).toBe(0);
    expect(platform.sessions.size).toBe(0);
    expect(await types()).toEqual(['VirtuozzoLinked', 'VirtuozzoUnlinked']);
  });
});

describe('the renewal', () => {
  it('leaves a key that works alone, and asks for none before it is due', async () => {
    const { refresh, platform, later, types } = await linkedWorld();
    platform.calls.length = 0;
    await refresh();
    expect(platform.calls).toEqual([]);
    later();
    await refresh();
    expect(platform.calls).toEqual(['accepts']);
    expect(await types()).toEqual(['VirtuozzoLinked']);
  });

  it('renews a key that is refused, and one that is old', async () => {
    const { refresh, platform, later, types, useCases } = await linkedWorld();
    platform.sessions.clear();
    later();
    await refresh();
    expect(await useCases.virtuozzoSession(owner)).toMatchObject({ sessionKey: 'session-3', ageSeconds: 0 });
    later(3600);
    await refresh();
    expect(await useCases.virtuozzoSession(owner)).toMatchObject({ sessionKey: 'session-4' });
    expect([...platform.sessions]).toEqual(['session-4']);
    expect(await types()).toEqual(['VirtuozzoLinked', 'VirtuozzoSessionRefreshed', 'VirtuozzoSessionRefreshed']);
  });

  it('is made by one of many at a time', async () => {
    const { refresh, platform, later, types } = await linkedWorld();
    platform.sessions.clear();
    platform.calls.length = 0;
    later();
    await Promise.all([refresh(), refresh(), refresh()]);
    expect(platform.calls).toEqual(['accepts', 'signInByToken']);
    expect(await types()).toEqual(['VirtuozzoLinked', 'VirtuozzoSessionRefreshed']);
  });

  it('is taken up by another after a process has died in the middle of it', async () => {
    const { refresh, platform, later, keys, world, types } = await linkedWorld();
    platform.sessions.clear();
    later();
    const [linkId = ''] = [...keys.rows.keys()];
    await keys.claim(linkId, 'dead', world.now, new Date(world.now.getTime() + 60_000));
    await refresh();
    expect(await types()).toEqual(['VirtuozzoLinked']);
    later(60);
    await refresh();
    expect(await types()).toEqual(['VirtuozzoLinked', 'VirtuozzoSessionRefreshed']);
    expect(await keys.renew(linkId, 'dead', { sessionKey: 'late' }, world.now)).toBe(false);
  });

  it('serves the last key with its age in an outage, which is one, and ends by itself', async () => {
    const { refresh, platform, later, types, useCases } = await linkedWorld();
    platform.answers = false;
    for (let minute = 0; minute < 3; minute++) {
      later();
      await refresh();
    }
    expect(await types()).toEqual(['VirtuozzoLinked', 'VirtuozzoOutageBegan']);
    expect(await useCases.virtuozzoSession(owner)).toMatchObject({
      sessionKey: 'session-1',
      ageSeconds: 180,
      stale: true,
    });
    platform.answers = true;
    platform.sessions.clear();
    later();
    await refresh();
    expect(await useCases.virtuozzoSession(owner)).toMatchObject({ ageSeconds: 0, stale: false });
    expect(await types()).toEqual([
      'VirtuozzoLinked',
      'VirtuozzoOutageBegan',
      'VirtuozzoSessionRefreshed',
      'VirtuozzoOutageEnded',
    ]);
  });

  it('is no outage where the second try is answered', async () => {
    const { platform, later, types, with: with_ } = await linkedWorld();
    platform.answers = false;
    later();
    await with_({ pause: () => Promise.resolve(void (platform.answers = true)) }).refreshVirtuozzo({}, context());
    expect(await types()).toEqual(['VirtuozzoLinked']);
  });

  it('gives up where only a person can help, and does not knock every minute', async () => {
    const { refresh, platform, later, types, useCases } = await linkedWorld();
    platform.sessions.clear();
    platform.tokens.clear();
    later();
    await refresh();
    expect(await types()).toEqual(['VirtuozzoLinked', 'VirtuozzoRefreshFailed']);
    expect(await useCases.showVirtuozzo(owner)).toMatchObject({ state: 'sign-in-needed' });
    platform.calls.length = 0;
    later();
    await refresh();
    expect(platform.calls).toEqual([]);
    await useCases.linkVirtuozzo({ ...owner, credentials: right }, context(owner.userId));
    expect(await useCases.showVirtuozzo(owner)).toMatchObject({ state: 'working' });
  });

  it('cannot be where the platform gave no token with the password', async () => {
    const all = await virtuozzoWorld();
    all.platform.givesTokens = false;
    await all.useCases.linkVirtuozzo({ ...owner, credentials: right }, context(owner.userId));
    all.platform.sessions.clear();
    all.later();
    await all.useCases.refreshVirtuozzo({}, context());
    expect(await all.types()).toEqual(['VirtuozzoLinked', 'VirtuozzoRefreshFailed']);
  });
});
