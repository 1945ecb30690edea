import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { streams } from '../../src/application/streams.ts';
import type { EventOf } from '../../src/domain/events.ts';
import { mailLanguages } from '../../src/workers/mails/languages.ts';
import { jobWorld } from './job-world.ts';
import { at, later, office, somebody, submit, tell } from './stories.ts';

const userId = randomUUID();
const loginId = randomUUID();
const decisionId = randomUUID();
const flagged: EventOf<'LoginFlagged'> = {
  type: 'LoginFlagged',
  data: {
    loginId,
    userId,
    ruleVersion: 1,
    signals: ['new-country', 'impossible-travel'],
    inputs: null,
    decisionId,
    expiresAt: later(3_600_000),
    at,
  },
};
const stream = streams.login(loginId);

describe('the mail about a suspicious login', () => {
  it('goes out once, says what, where and when, and has two links to one page', async () => {
    const { eventStore, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    await react(await tell(eventStore, stream, flagged, office));
    expect(mails).toHaveLength(1);
    const text = mails[0]?.text ?? '';
    expect(mails[0]).toMatchObject({ to: 'ada@example.com', tag: 'suspicious-login' });
    expect(text).toContain('a country that you have not signed in from before, and nobody travels that fast');
    expect(text).toMatch(/Device: Firefox on Linux\nPlace: Berlin, Germany\nAddress: 203\.0\.113\.x/);
    const links = [...text.matchAll(/https:\/\/panel\.example\/login-decision\?token=([\w-]+)&decision=(\w+)/g)];
    expect(links.map(([, , decision]) => decision)).toEqual(['approve', 'deny']);
    expect(new Set(links.map(([, token]) => token)).size).toBe(1);
    const token = Buffer.from(links[0]?.[1] ?? '', 'base64url').toString();
    expect(token).toBe(['login-decision', loginId, decisionId].join('/'));
    expect(text).toContain('for 1 hour');
  });

  it('names the country in the language of the mail', async () => {
    const place = { country: 'DE', city: 'Köln', latitude: 50.9, longitude: 7, accuracyKm: 20, anonymous: false };
    const inputs = { place, at, previous: null, knownCountries: ['FR'], distanceKm: null, speedKmh: null };
    const { eventStore, mails, react } = jobWorld(undefined, mailLanguages.de);
    await submit(eventStore, somebody({ userId }));
    await react(await tell(eventStore, stream, { type: 'LoginFlagged', data: { ...flagged.data, inputs } }, office));
    expect(mails[0]?.text).toContain('Ort: Köln, Deutschland\n');
  });

  it.each<EventOf<'LoginApprovedByUser' | 'LoginDenied'>>([
    { type: 'LoginApprovedByUser', data: { loginId, userId, decisionId, at } },
    { type: 'LoginDenied', data: { loginId, userId, reason: 'denied-by-user', at } },
  ])('is not sent when the login is decided ($type)', async (decided) => {
    const { eventStore, mails, react } = jobWorld();
    await submit(eventStore, somebody({ userId }));
    const cause = await tell(eventStore, stream, flagged, office);
    await tell(eventStore, stream, decided);
    await react(cause);
    expect(mails).toEqual([]);
  });

  it('is not sent when its links have expired', async () => {
    const { eventStore, mails, react } = jobWorld(() => new Date(later(3_600_000)));
    await submit(eventStore, somebody({ userId }));
    await react(await tell(eventStore, stream, flagged, office));
    expect(mails).toEqual([]);
  });
});

describe('what follows from a login', () => {
  it('is that its place is checked, and that sessions follow what was decided', async () => {
    const { eventStore, calls, react } = jobWorld();
    const data = { loginId, userId, deviceId: 'd', deviceTrusted: true, remember: false, transport: 'bearer' } as const;
    await react(
      await tell(eventStore, stream, { type: 'LoginStarted', data: { ...data, expiresAt: later(9000), at } }),
    );
    await react(
      await tell(eventStore, stream, { type: 'LoginApprovedByUser', data: { loginId, userId, decisionId, at } }),
    );
    const once = [
      ['checkLoginPlace', { loginId }],
      ['settleLogin', { loginId }],
      ['rememberLoginPlace', { loginId }],
    ];
    expect(calls.map(([name, request]) => [name, request])).toEqual([
      once[0],
      once[0],
      ...once.slice(1),
      ...once.slice(1),
    ]);
  });
});
