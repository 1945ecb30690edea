import { describe, expect, it } from 'vitest';
import { devices } from '../../src/domain/devices/decide.ts';
import type { DevicesEvent } from '../../src/domain/devices/events.ts';
import { isRemoved, isTrusted } from '../../src/domain/devices/state.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';

const given = specificationFor(devices);
const who = { userId: 'ann', deviceId: 'laptop' };
const approved: DevicesEvent = {
  type: 'DeviceApproved',
  data: { ...who, method: 'otp', loginId: 'login-1', trustedUntil: at({ days: 90 }), at: at() },
};
const removed = (days: number, reason: 'by-user' | 'login-denied' = 'by-user'): DevicesEvent => ({
  type: 'DeviceRemoved',
  data: { ...who, reason, at: at({ days }) },
});
const remove = (days: number, reason: 'by-user' | 'login-denied' = 'by-user') =>
  ({ type: 'RemoveDevice', ...who, reason, now: moment({ days }) }) as const;
const approve = (provenAt: Date, now: Date) =>
  ({ type: 'ApproveDevice', ...who, method: 'otp', loginId: 'login-1', provenAt, now }) as const;

describe('removing a device', () => {
  it('ends its trust', () => {
    given(approved).when(remove(1)).then(removed(1));
    const state = [approved, removed(1)].reduce(devices.evolve, devices.initialState);
    expect(isTrusted(state, 'laptop', moment({ days: 1 }))).toBe(false);
  });

  it('adds nothing the second time, and is refused for what was never there', () => {
    given(approved, removed(1)).when(remove(2)).thenNothing();
    given().when(remove(1)).thenRefused('not-found');
  });

  it('is not undone by what was proven before it and is handled again', () => {
    given(approved, removed(1))
      .when(approve(moment(), moment({ days: 2 })))
      .thenNothing();
  });

  it('is undone by a new approval', () => {
    const again = { ...approved.data, trustedUntil: at({ days: 92 }), at: at({ days: 2 }) };
    given(approved, removed(1))
      .when(approve(moment({ days: 2 }), moment({ days: 2 })))
      .then({ type: 'DeviceApproved', data: again });
    const state = [approved, removed(1), approved].reduce(devices.evolve, devices.initialState);
    expect(isRemoved(state, 'laptop', null)).toBe(false);
  });

  it('is remembered against a login that trusted it before', () => {
    const state = [approved, removed(1)].reduce(devices.evolve, devices.initialState);
    expect(isRemoved(state, 'laptop', null)).toBe(true);
    expect(isRemoved(state, 'laptop', moment())).toBe(true);
    expect(isRemoved(state, 'laptop', moment({ days: 2 }))).toBe(false);
    expect(isRemoved(state, 'phone', null)).toBe(false);
  });
});
