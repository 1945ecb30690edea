import { beforeAll, describe, expect, test } from 'vitest';
import { call, eventually, mailsTo } from './journey.ts';
import { timed, type SignedIn } from './outages.ts';
import { platformToken, providersWorld, ways } from './providers-world.ts';

const { providers, goesAway, isBack, signedIn } = providersWorld();

describe('Virtuozzo', () => {
  let owner: SignedIn;
  const own = (method: string, path = '', body?: object) =>
    call(owner.client, method, `/v1/teams/${owner.grant.session.teamId}/virtuozzo${path}`, {
      bearer: owner.grant.accessToken,
      ...(body && { body }),
    });
  const outageMails = async () =>
    (await mailsTo(owner.client, owner.email)).filter(({ Tag }) => Tag === 'virtuozzo-outage').length;
  const keyNow = async () => {
    const answer = await timed(() => own('GET', '/session'));
    expect(answer.status).toBe(200);
    return answer;
  };

  beforeAll(async () => {
    owner = await signedIn();
    expect((await own('PUT', '', { token: platformToken })).status).toBe(204);
  });

  test.each(Object.keys(ways))(
    '%s: the key goes on with its age, the Owner is told once, it is renewed',
    async (way) => {
      const [{ body: before }, mails] = [await keyNow(), await outageMails()];
      expect(before).toMatchObject({ stale: false });
      await goesAway('virtuozzo', way);
      await eventually(async () => {
        expect((await keyNow()).body).toMatchObject({ stale: true });
      }, 30_000);
      const { body, ms } = await keyNow();
      expect(body).toMatchObject({ sessionKey: before['sessionKey'], obtainedAt: before['obtainedAt'] });
      const age = (Date.now() - Date.parse(String(before['obtainedAt']))) / 1000;
      expect(Math.abs(Number(body['ageSeconds']) - age)).toBeLessThan(3);
      // Nobody waits for the platform.
      expect(ms).toBeLessThan(1000);
      expect((await own('GET')).body).toMatchObject({ state: 'outage' });
      await eventually(async () => {
        expect(await outageMails()).toBe(mails + 1);
      });

      await isBack();
      await providers().virtuozzo.tell('/end-sessions');
      await eventually(async () => {
        const { body: after } = await keyNow();
        expect(after).toMatchObject({ stale: false });
        expect(after['sessionKey']).not.toBe(before['sessionKey']);
      }, 30_000);
      expect((await own('GET')).body).toMatchObject({ state: 'working' });
      expect(await outageMails()).toBe(mails + 1);
    },
  );
});
