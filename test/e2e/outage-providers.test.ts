import { describe, expect, test } from 'vitest';
import {
  call,
  eventually,
  mailsTo,
  mailTo,
  register,
  startLogin,
  tokenIn,
  type Client,
  type Grant,
} from './journey.ts';
import { timed, type SignedIn } from './outages.ts';
import { problemOf } from './persistence.ts';
import { berlin, providersWorld, tokyo, ways } from './providers-world.ts';

const { stack, log, mailClient, goesAway, isBack, signedIn, whoAmI, statusOfSession, livez } = providersWorld();

describe.each(Object.keys(ways))('while the Geo-IP service %s', (way) => {
  test('logins are approved, which is recorded, and judged when it is back', async () => {
    const person = await signedIn();
    const away: Client = { ...person.client, ip: tokyo };
    // The first place that is known of somebody is suspicious to nobody.
    expect((await startLogin({ ...person.client, ip: berlin }, person.email)).status).toBe(200);
    await completed({ ...person.client, ip: berlin }, person);
    await goesAway('geo-ip', way);

    const started = await timed(() => startLogin(away, person.email));
    expect([started.status, started.body['status']]).toEqual([200, 'team-selection-required']);
    // A second and a half, and the rest for a busy machine.
    expect(started.ms).toBeLessThan(3000);
    const { loginId } = started.body as { loginId: string };
    const chosen = await chooseTeam(away, started.body as unknown as Step, person);
    const visiting = { ...person, grant: chosen.body as unknown as Grant };
    expect(await statusOfSession(visiting)).toBe(200);
    const cleared = (await log().ofType('LoginClearedWithoutGeo')).find(({ data }) => data['loginId'] === loginId);
    expect(['provider-down', 'timeout']).toContain(cleared?.data['reason']);
    await eventually(async () => {
      expect((await log().ofType('GeoCheckFailed')).filter(({ data }) => data['loginId'] === loginId)).toHaveLength(1);
    });
    expect(await livez()).toBe(true);

    await isBack();
    const token = tokenIn(await mailTo(mailClient(), person.email, 'suspicious-login'));
    await eventually(async () => {
      expect(problemOf(await whoAmI(visiting))).toBe('session-suspended');
    });
    const decision = { body: { decision: 'approve' } };
    expect((await call(away, 'POST', `/v1/login-decisions/${token}`, decision)).status).toBe(204);
    expect(await statusOfSession(visiting)).toBe(200);
    const judged = (await log().ofType('GeoCheckCompleted')).filter(({ data }) => data['loginId'] === loginId);
    expect(judged.map(({ data }) => data['verdict'])).toEqual(['flagged']);
  });
});

interface Step {
  readonly loginId: string;
  readonly loginToken: string;
}

const chooseTeam = (client: Client, { loginId, loginToken }: Step, { grant }: SignedIn) =>
  call(client, 'POST', `/v1/logins/${loginId}/team`, { bearer: loginToken, body: { teamId: grant.session.teamId } });

async function completed(client: Client, person: SignedIn): Promise<void> {
  const { body } = await startLogin(client, person.email);
  expect((await chooseTeam(client, body as unknown as Step, person)).status).toBe(200);
}

describe('the mail provider', () => {
  const statusOfLast = async () => {
    const { rows } = await stack().database.pool.query<{ status: string }>(
      'select status from read_model.email_deliveries order by position desc limit 1',
    );
    return rows[0]?.status;
  };

  test.each(Object.keys(ways))('%s: nobody waits for it, the mail is seen to wait, and arrives once', async (way) => {
    const [someone, email] = [await signedIn(), `${way.replaceAll(' ', '-')}@example.com`];
    await goesAway('mail', way);
    const answer = await timed(() => register(stack().client(), email));
    expect(answer.status).toBe(202);
    expect(answer.ms).toBeLessThan(2500);
    expect(await statusOfSession(someone)).toBe(200);
    await eventually(async () => {
      expect(await statusOfLast()).toBe('sending');
    });

    await isBack();
    await eventually(async () => {
      expect(await statusOfLast()).toBe('sent');
    }, 60_000);
    expect(await mailsTo(mailClient(), email)).toHaveLength(1);
  });
});
