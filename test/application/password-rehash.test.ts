import { describe, expect, it } from 'vitest';
import { Unavailable, type Passwords } from '../../src/application/ports.ts';
import { anonymous, codeOf, password, passwordWorld, plainPasswords, refusal } from './password-world.ts';

const chosen = 'seven lamps beside the harbour';

describe('a hash of an older scheme', () => {
  const worldWithOldHash = async (passwords: Passwords) => {
    const world = await passwordWorld({ passwords: plainPasswords('old') });
    Object.assign(world.ports.passwords, passwords);
    return world;
  };

  it('is replaced at the next login, under the same id, and the password goes on', async () => {
    const world = await worldWithOldHash(plainPasswords('new'));
    const [credentialId] = world.hashes.keys();
    await world.logIn();
    expect([...world.hashes]).toEqual([[credentialId, { scheme: 'new', pepperVersion: 1, hash: `new ${password}` }]]);
    expect(world.events('PasswordRehashed').map(({ event }) => event.data.scheme)).toEqual(['new']);
    await world.logIn();
    expect(world.events('PasswordRehashed')).toHaveLength(1);
  });

  it('stays where the login fails', async () => {
    const world = await worldWithOldHash(plainPasswords('new'));
    await refusal(world.startLogin('wrong'));
    await world.forcePasswordChange({ userId: world.userId, by: null }, anonymous());
    await refusal(world.startLogin());
    expect([...world.hashes.values()].map(({ scheme }) => scheme)).toEqual(['old']);
  });

  it('keeps nobody out while there is no room to hash', async () => {
    const busy = () => Promise.reject(new Unavailable('password-hashing'));
    const world = await worldWithOldHash({ ...plainPasswords('new'), hash: busy });
    expect((await world.startLogin()).view.status).toBe('team-selection-required');
    expect([...world.hashes.values()].map(({ scheme }) => scheme)).toEqual(['old']);
  });

  it('does not come back where the password is changed meanwhile', async () => {
    const world = await passwordWorld({ passwords: plainPasswords('old') });
    const token = await world.askForLink();
    const fresh = plainPasswords('new');
    let once = true;
    Object.assign(world.ports.passwords, fresh, {
      hash: async (given: string) => {
        if (once) {
          once = false;
          await world.resetPassword({ token, password: chosen }, anonymous());
        }
        return fresh.hash(given);
      },
    });
    const { loginId, loginToken } = (await world.startLogin()).view;
    expect([...world.hashes.values()].map(({ hash }) => hash)).toEqual([`new ${chosen}`]);
    expect(world.events('PasswordRehashed')).toEqual([]);
    expect(await codeOf(world.selectTeam(loginId, loginToken))).toBe('login-denied');
  });
});
