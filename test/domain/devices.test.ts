import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { devices, type DevicesCommand } from '../../src/domain/devices/decide.ts';
import type { DevicesEvent } from '../../src/domain/devices/events.ts';
import { isTrusted } from '../../src/domain/devices/state.ts';
import { specificationFor } from '../support/given.ts';
import { anyTime, at, moment } from './moments.ts';
import { expectAnyFold, expectNothingTwice, inOrder, play } from './properties.ts';

const given = specificationFor(devices);
const userId = 'ann';
const approvedOn = (day: number, deviceId = 'laptop'): DevicesEvent => ({
  type: 'DeviceApproved',
  data: {
    userId,
    deviceId,
    method: 'otp',
    loginId: 'login-1',
    trustedUntil: at({ days: day + 90 }),
    at: at({ days: day }),
  },
});
const usedOn = (day: number, deviceId = 'laptop'): DevicesEvent => ({
  type: 'DeviceUsed',
  data: { userId, deviceId, loginId: 'login-2', trustedUntil: at({ days: day + 90 }), at: at({ days: day }) },
});
const approve = (now: Date, deviceId = 'laptop'): DevicesCommand => ({
  type: 'ApproveDevice',
  userId,
  deviceId,
  method: 'otp',
  loginId: 'login-1',
  now,
});
const use = (now: Date, deviceId = 'laptop'): DevicesCommand => ({
  type: 'UseDevice',
  userId,
  deviceId,
  loginId: 'login-2',
  now,
});
const after = (...events: DevicesEvent[]) => events.reduce(devices.evolve, devices.initialState);

describe('trusting a device', () => {
  it('lasts 90 days', () => {
    given().when(approve(moment())).then(approvedOn(0));
    expect(isTrusted(after(approvedOn(0)), 'laptop', moment({ days: 89, hours: 23 }))).toBe(true);
    expect(isTrusted(after(approvedOn(0)), 'laptop', moment({ days: 90 }))).toBe(false);
  });

  it('is about that device only', () => {
    expect(isTrusted(after(approvedOn(0)), 'phone', moment())).toBe(false);
    expect(isTrusted(after(), 'laptop', moment())).toBe(false);
    given(approvedOn(0)).when(approve(moment(), 'phone')).then(approvedOn(0, 'phone'));
  });

  it('is satisfied while the device is trusted, and needed again after that', () => {
    given(approvedOn(0))
      .when(approve(moment({ days: 89 })))
      .thenNothing();
    given(approvedOn(0))
      .when(approve(moment({ days: 90 })))
      .then(approvedOn(90));
  });
});

describe('using a device', () => {
  it('prolongs trust to 90 days from then', () => {
    given(approvedOn(0))
      .when(use(moment({ days: 80 })))
      .then(usedOn(80));
    expect(isTrusted(after(approvedOn(0), usedOn(80)), 'laptop', moment({ days: 169 }))).toBe(true);
  });

  it('is recorded once a day for a device', () => {
    given(approvedOn(0))
      .when(use(moment({ hours: 23, minutes: 59 })))
      .thenNothing();
    given(approvedOn(0), usedOn(5))
      .when(use(moment({ days: 5, hours: 23 })))
      .thenNothing();
    given(approvedOn(0), usedOn(5))
      .when(use(moment({ days: 6 })))
      .then(usedOn(6));
    given(approvedOn(0), approvedOn(0, 'phone'), usedOn(5))
      .when(use(moment({ days: 5 }), 'phone'))
      .then(usedOn(5, 'phone'));
  });

  it('does not make it trusted', () => {
    given().when(use(moment())).thenNothing();
    given(approvedOn(0))
      .when(use(moment({ days: 90 })))
      .thenNothing();
  });
});

describe('any history of devices', () => {
  const deviceId = fc.constantFrom('laptop', 'phone', 'tablet', '__proto__');
  const event = fc.oneof(
    fc.record({ deviceId, trustedUntil: anyTime, at: anyTime }).map((data): DevicesEvent => ({
      type: 'DeviceApproved',
      data: { userId, method: 'registration', loginId: null, ...data },
    })),
    fc.record({ deviceId, trustedUntil: anyTime, at: anyTime }).map((data): DevicesEvent => ({
      type: 'DeviceUsed',
      data: { userId, loginId: 'login-2', ...data },
    })),
  );
  const commands = inOrder(
    (now) => fc.tuple(fc.boolean(), deviceId).map(([used, device]) => (used ? use(now, device) : approve(now, device))),
    { start: moment(), maxStepSeconds: 40 * 24 * 3600 },
  );

  it('folds', () => {
    expectAnyFold(devices, event);
  });

  it('is not changed by the same command twice', () => {
    expectNothingTwice(devices, commands);
  });

  it('trusts a device only within 90 days of an approval or a use of it', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        for (const { command, before, events } of play(devices, sequence)) {
          if (command.type === 'UseDevice' && events.length > 0) {
            expect(isTrusted(before, command.deviceId, command.now)).toBe(true);
          }
          for (const { type, data } of events) {
            if (type === 'DeviceRemoved') continue;
            expect(Date.parse(data.trustedUntil) - Date.parse(data.at)).toBe(90 * 24 * 3_600_000);
          }
        }
      }),
    );
  });

  it('keeps the 200 devices that were used most recently', () => {
    const approvals = Array.from({ length: 200 }, (_, index) => approvedOn(0, `device-${index}`));
    const state = after(...approvals, usedOn(1, 'device-0'), approvedOn(2, 'newest'));
    const now = moment({ days: 3 });
    expect(state.devices).toHaveLength(200);
    expect(isTrusted(state, 'device-0', now)).toBe(true);
    expect(isTrusted(state, 'device-1', now)).toBe(false);
    expect(isTrusted(state, 'device-2', now)).toBe(true);
    expect(isTrusted(state, 'newest', now)).toBe(true);
  });
});
