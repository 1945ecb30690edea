import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakable, type BreakableServer } from '../adapters/servers.ts';
import { startSandboxProcess, type Sandbox, type SandboxProcess } from '../support/sandbox-process.ts';
import { openEventLog, type EventLog } from './event-log.ts';
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
import { outagesOf, timed, type SignedIn } from './outages.ts';
import { problemOf } from './persistence.ts';
import { startStack, type Stack } from './stack.ts';

const berlin = '203.0.113.7';
const tokyo = '198.51.100.20';
const places = {
  [berlin]: { country: 'DE', city: 'Berlin', latitude: 52.5, longitude: 13.4, accuracyKm: 50 },
  [tokyo]: { country: 'JP', city: 'Tokyo', latitude: 35.7, longitude: 139.7, accuracyKm: 50 },
};
const platformToken = 'a personal access token';
/** What a provider has to be told again after it was killed. */
const knowledge: Readonly<Record<Sandbox, readonly [string, object]>> = {
  mail: ['', { mode: 'ok' }],
  'geo-ip': ['/answers', places],
  virtuozzo: ['/tokens', { [platformToken]: 'ann' }],
};

/** A process that can be killed and stopped, at the end of a wire that can break. */
interface Provider {
  readonly process: SandboxProcess;
  readonly wire: BreakableServer;
  readonly tell: (path: string, body?: object) => Promise<Response>;
}

interface Way {
  readonly begin: (provider: Provider) => unknown;
  readonly end: (provider: Provider) => unknown;
}

const byWire = (begin: (wire: BreakableServer) => unknown): Way => ({
  begin: ({ wire }) => begin(wire),
  end: ({ wire }) => wire.heal(),
});

const signal = ({ process: provider }: Provider, how: NodeJS.Signals): boolean =>
  process.kill(provider.pid() ?? expect.fail(), how);

/**
 * How each of them is away: killed, it refuses connections; stopped, it takes them and says nothing. What it answers when
 * it is back is true from the first moment.
 */
const ways: Readonly<Record<string, Way>> = {
  'was killed': {
    begin: ({ process }) => process.kill(),
    end: async ({ process, wire, tell }) => {
      await wire.cut();
      await process.start();
      await tell('');
      await wire.heal();
    },
  },
  'is a stopped process': {
    begin: (provider) => {
      signal(provider, 'SIGSTOP');
    },
    end: (provider) => {
      signal(provider, 'SIGCONT');
    },
  },
  'answers a byte now and then': byWire((wire) => {
    wire.distort('drips');
  }),
  'breaks off in the middle of its answers': byWire((wire) => {
    wire.distort('breaks off');
  }),
  'answers with something else': byWire((wire) => {
    wire.distort('garbles');
  }),
};

let providers: Readonly<Record<Sandbox, Provider>>;
let stack: Stack;
let log: EventLog;
let repair: (() => Promise<void>) | undefined;
const closing: (() => Promise<void>)[] = [];
const mailClient = (): Client => ({ ...stack.client(), mailboxUrl: providers.mail.process.url });
const { signedIn, whoAmI, statusOfSession, livez } = outagesOf(() => ({ ...stack, client: mailClient }));

beforeAll(async () => {
  const [mail, geoIp, virtuozzo] = [await provider('mail'), await provider('geo-ip'), await provider('virtuozzo')];
  providers = { mail, 'geo-ip': geoIp, virtuozzo };
  stack = await startStack({
    env: {
      POSTMARK_API_URL: withoutSlash(mail.wire.url),
      GEOIP_API_URL: geoIp.wire.url,
      VIRTUOZZO_API_URL: virtuozzo.wire.url,
      VIRTUOZZO_PROBE_SECONDS: '2',
    },
  });
  closing.push(() => stack.stop());
  log = openEventLog(stack);
  closing.push(() => log.close());
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});
afterEach(async () => {
  await isBack();
});

const withoutSlash = (url: string): string => url.replace(/\/$/, '');

async function provider(name: Sandbox): Promise<Provider> {
  const started = await startSandboxProcess(name);
  closing.push(() => started.stop());
  const wire = await breakable(started.url);
  closing.push(() => wire.close());
  const [known, what] = knowledge[name];
  const tell = (path: string, body?: object) =>
    fetch(`${started.url}/__control${path || known}`, {
      method: path === '' || body ? 'PUT' : 'POST',
      headers: { 'Content-Type': 'application/json' },
      ...((path === '' || body) && { body: JSON.stringify(body ?? what) }),
    });
  await tell('');
  return { process: started, wire, tell };
}

async function goesAway(name: Sandbox, way: string): Promise<void> {
  const { begin, end } = ways[way] ?? expect.fail();
  repair = async () => {
    await end(providers[name]);
  };
  await begin(providers[name]);
}

async function isBack(): Promise<void> {
  const mend = repair;
  repair = undefined;
  await mend?.();
}

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
    const cleared = (await log.ofType('LoginClearedWithoutGeo')).find(({ data }) => data['loginId'] === loginId);
    expect(['provider-down', 'timeout']).toContain(cleared?.data['reason']);
    await eventually(async () => {
      expect((await log.ofType('GeoCheckFailed')).filter(({ data }) => data['loginId'] === loginId)).toHaveLength(1);
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
    const judged = (await log.ofType('GeoCheckCompleted')).filter(({ data }) => data['loginId'] === loginId);
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
      await providers.virtuozzo.tell('/end-sessions');
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

describe('the mail provider', () => {
  const statusOfLast = async () => {
    const { rows } = await stack.database.pool.query<{ status: string }>(
      'select status from read_model.email_deliveries order by position desc limit 1',
    );
    return rows[0]?.status;
  };

  test.each(Object.keys(ways))('%s: nobody waits for it, the mail is seen to wait, and arrives once', async (way) => {
    const [someone, email] = [await signedIn(), `${way.replaceAll(' ', '-')}@example.com`];
    await goesAway('mail', way);
    const answer = await timed(() => register(stack.client(), email));
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
