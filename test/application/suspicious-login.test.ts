import { describe, expect, it } from 'vitest';
import type { GeoIp } from '../../src/application/geo-ip.ts';
import type { Context } from '../../src/application/ports.ts';
import { Unavailable } from '../../src/application/ports.ts';
import { useCases } from '../../src/application/use-cases.ts';
import { streams } from '../../src/application/streams.ts';
import type { EventType } from '../../src/domain/events.ts';
import type { Place } from '../../src/domain/geo-check/events.ts';
import type { SessionsEvent } from '../../src/domain/sessions/events.ts';
import { sessions } from '../../src/domain/sessions/decide.ts';
import { anonymous, codeOf, email, laptop, password, passwordWorld } from './password-world.ts';

const berlin: Place = {
  country: 'DE',
  city: 'Berlin',
  latitude: 52.5,
  longitude: 13.4,
  accuracyKm: 50,
  anonymous: false,
};
const tokyo: Place = { ...berlin, country: 'JP', city: 'Tokyo', latitude: 35.7, longitude: 139.7 };
const [inBerlin, inTokyo, nowhere] = ['203.0.113.7', '198.51.100.20', '192.0.2.1'];

/** Somebody who has logged in from Berlin once, a Geo-IP service that can be away, and jobs that run when told to. */
async function world({ isAway = () => false }: { isAway?: () => boolean } = {}) {
  const asked: string[] = [];
  const waited: number[] = [];
  let whileWaiting = (): Promise<unknown> => Promise.resolve();
  const geoIp: GeoIp = {
    locate: (ip) => {
      asked.push(ip);
      if (isAway()) return Promise.reject(new Unavailable('geo-ip'));
      return Promise.resolve({ [inBerlin]: berlin, [inTokyo]: tokyo }[ip] ?? null);
    },
  };
  const later: { move: (milliseconds: number) => void } = { move: () => undefined };
  const pause = async (milliseconds: number) => {
    waited.push(milliseconds);
    later.move(milliseconds);
    await whileWaiting();
  };
  const base = await passwordWorld({ geoIp, pause });
  const service = useCases(base.ports);
  later.move = base.later;
  const from = (ip: string): Context => ({ ...anonymous(), client: { ip, userAgent: 'Firefox', place: null } });
  const system: Context = { ...anonymous(), actor: { kind: 'system' } };
  const started = () => base.events('LoginStarted').at(-1)?.event.data.loginId ?? expect.fail('no login');
  const check = (loginId = started()) => base.checkLoginPlace({ loginId }, system);
  const start = (ip: string) => {
    const request = { email, password, remember: false, transport: 'bearer', deviceToken: laptop, ip } as const;
    return service.startLogin(request, from(ip));
  };
  const choose = ({ view }: Awaited<ReturnType<typeof start>>) => base.selectTeam(view.loginId, view.loginToken);
  const decide = async (decision: 'approve' | 'deny') => {
    const { loginId, decisionId } = base.events('LoginFlagged').at(-1)?.event.data ?? expect.fail('no flag');
    const token = base.ports.tokens.issue('login-decision', [loginId, decisionId]);
    return base.decideLogin({ token, decision }, anonymous());
  };
  const running = async () => {
    const { events } = await base.ports.eventStore.readStream(streams.sessions(base.userId));
    const state = events.map(({ event }) => event as SessionsEvent).reduce(sessions.evolve, sessions.initialState);
    return state.active;
  };
  const count = (type: EventType) => base.events(type).length;
  const visited = {
    ...base,
    asked,
    waited,
    system,
    start,
    choose,
    check,
    decide,
    running,
    count,
    duringTheWait: (what: () => Promise<unknown>) => void (whileWaiting = what),
  };
  visited.duringTheWait(check);
  await choose(await start(inBerlin));
  return visited;
}

describe('the wait for the verdict', () => {
  it('ends with the verdict', async () => {
    const { start, waited, events } = await world();
    waited.length = 0;
    const { view } = await start(inTokyo);
    expect(view.status).toBe('location-approval-required');
    expect(waited).toEqual([50]);
    expect(events('LoginFlagged')).toHaveLength(1);
  });

  it('is over when a verdict is announced, without waiting for its next look', async () => {
    const { start, waited, check, duringTheWait, events } = await world();
    // The pause itself never ends.
    duringTheWait(async () => {
      await check();
      await new Promise(() => undefined);
    });
    waited.length = 0;
    const { view } = await start(inTokyo);
    expect(view.status).toBe('location-approval-required');
    expect(waited).toEqual([50]);
    expect(events('LoginFlagged')).toHaveLength(1);
  });

  it('lasts a second and a half, with growing gaps, and then goes on, which is recorded', async () => {
    const { start, waited, duringTheWait, events } = await world();
    duringTheWait(() => Promise.resolve());
    waited.length = 0;
    const { view } = await start(inTokyo);
    expect(view.status).toBe('team-selection-required');
    expect(waited.reduce((sum, gap) => sum + gap, 0)).toBe(1500);
    expect(waited.slice(0, 5)).toEqual([50, 100, 100, 100, 100]);
    expect(events('LoginClearedWithoutGeo').at(-1)?.event.data).toMatchObject({ reason: 'timeout' });
  });
});

describe('the check of a place', () => {
  it('has one verdict, however often it runs', async () => {
    const { start, check, asked, count } = await world();
    await start(inTokyo);
    const before = asked.length;
    await check();
    await check();
    expect(asked).toHaveLength(before);
    for (const type of ['GeoCheckCompleted', 'LoginFlagged'] as const) {
      expect(count(type)).toBe(type === 'LoginFlagged' ? 1 : 2);
    }
  });

  it('is tried again after an outage, which is recorded once, while the login goes on', async () => {
    let away = false;
    const { start, choose, check, events, running, duringTheWait } = await world({ isAway: () => away });
    away = true;
    duringTheWait(() => check().catch(() => undefined));
    const step = await start(inTokyo);
    expect(step.view.status).toBe('team-selection-required');
    await choose(step);
    await expect(check()).rejects.toMatchObject({ what: 'geo-ip' });
    expect(events('GeoCheckFailed')).toHaveLength(1);
    expect(events('LoginClearedWithoutGeo').at(-1)?.event.data.reason).toBe('provider-down');
    away = false;
    await check();
    expect(events('LoginFlagged')).toHaveLength(1);
    const held = (await running()).find(({ loginId }) => loginId === step.view.loginId);
    expect(held?.suspendedAt).toBeDefined();
  });

  it('knows nothing of an address that is nowhere', async () => {
    const { start, events } = await world();
    expect((await start(nowhere)).view.status).toBe('team-selection-required');
    expect(events('LoginClearedWithoutGeo').at(-1)?.event.data.reason).toBe('place-unknown');
  });

  it('remembers a place once its login is complete, or its owner has approved it', async () => {
    const { start, choose, decide, events, count } = await world();
    expect(count('LoginPlaceRecorded')).toBe(1);
    const step = await start(inTokyo);
    expect(count('LoginPlaceRecorded')).toBe(1);
    await decide('approve');
    expect(events('LoginPlaceRecorded').at(-1)?.event.data).toMatchObject({ countries: ['DE', 'JP'] });
    await choose(step);
    expect(count('LoginPlaceRecorded')).toBe(2);
  });
});

describe('a denial', () => {
  it('at any moment of the last step leaves no session, a barred device and a password to change', async () => {
    for (let moment = 0; ; moment++) {
      const w = await world();
      w.duringTheWait(() => Promise.resolve());
      const step = await w.start(inTokyo);
      const { eventStore } = w.ports;
      const [append, readStream] = [eventStore.append.bind(eventStore), eventStore.readStream.bind(eventStore)];
      let calls = 0;
      const denied = { is: false };
      const intrude = async () => {
        if (calls++ !== moment) return;
        denied.is = true;
        await w.check();
        await w.decide('deny');
      };
      eventStore.append = (...given) => intrude().then(() => append(...given));
      eventStore.readStream = (...given) => intrude().then(() => readStream(...given));
      await w.choose(step).catch(() => undefined);
      if (!denied.is) {
        expect(moment).toBeGreaterThan(10);
        return;
      }
      expect(await w.running()).toEqual([]);
      expect(w.events('PasswordChangeForced')).toHaveLength(1);
      expect(w.events('DeviceRemoved')).toHaveLength(1);
      expect(await codeOf(w.start(inBerlin))).toBe('password-change-required');
    }
  });

  it('is completed by its reaction wherever the process died, and not done again afterwards', async () => {
    for (let step = 0; ; step++) {
      const w = await world();
      const { view } = await w.start(inTokyo);
      const { eventStore } = w.ports;
      const append = eventStore.append.bind(eventStore);
      let appends = 0;
      const died = { is: false };
      eventStore.append = (...given) => {
        if (appends++ !== step) return append(...given);
        died.is = true;
        return Promise.reject(new Error('killed'));
      };
      await w.decide('deny').catch(() => undefined);
      eventStore.append = append;
      if (step === 0) continue;
      await w.settleLogin({ loginId: view.loginId }, w.system);
      await w.settleLogin({ loginId: view.loginId }, w.system);
      expect(await w.running()).toEqual([]);
      for (const type of ['LoginDenied', 'PasswordChangeForced', 'DeviceRemoved', 'SessionRevoked'] as const) {
        expect(w.events(type)).toHaveLength(1);
      }
      if (!died.is) {
        expect(step).toBeGreaterThan(3);
        return;
      }
    }
  });
});

describe('an answer that comes while the session is being held back', () => {
  it('is what holds in the end', async () => {
    const w = await world();
    w.duringTheWait(() => Promise.resolve());
    const step = await w.start(inTokyo);
    await w.choose(step);
    const { eventStore } = w.ports;
    const append = eventStore.append.bind(eventStore);
    eventStore.append = async (...given) => {
      if (given[1].some(({ event }) => event.type === 'SessionSuspended')) {
        eventStore.append = append;
        await w.decide('approve');
      }
      return append(...given);
    };
    await w.check();
    const session = (await w.running()).find(({ loginId }) => loginId === step.view.loginId);
    expect(session).toBeDefined();
    expect(session?.suspendedAt).toBeUndefined();
  });
});
