import { describe, expect, it } from 'vitest';
import type { Limit } from '../../src/application/limits.ts';
import { anonymous, codeOf, passwordWorld, stranger } from './password-world.ts';

/** A limit that stops nobody; what happens `meanwhile` comes between what a step has read and what it writes. */
function pausing(meanwhile: { run: () => Promise<unknown> }): Limit {
  return {
    take: async () => {
      const { run } = meanwhile;
      meanwhile.run = () => Promise.resolve();
      await run();
      return 0;
    },
    giveBack: () => Promise.resolve(),
    blockedFor: () => Promise.resolve(0),
  };
}

/** Somebody on a new device who has had a code for a minute. */
async function atTheCode() {
  const [beforeApproving, beforeResending] = [
    { run: (): Promise<unknown> => Promise.resolve() },
    { run: (): Promise<unknown> => Promise.resolve() },
  ];
  const none = pausing({ run: () => Promise.resolve() });
  const world = await passwordWorld({
    limits: {
      loginFailuresOfIp: none,
      codeTriesOfUser: pausing(beforeApproving),
      codeTriesOfUserADay: none,
      codeTriesOfDevice: none,
      codeMailsOfUser: pausing(beforeResending),
      mailsOfIp: none,
    },
  });
  const { view } = await world.startLogin(undefined, stranger);
  world.later(61_000);
  const { loginId, loginToken } = view;
  const codes = () => world.events('DeviceCodeRequested').map(({ event }) => event.data.codeId);
  const code = world.ports.tokens.deviceCode(codes()[0] ?? expect.fail('no code'));
  const approve = (given = code) => world.approveDevice({ loginId, loginToken, code: given }, anonymous());
  const resend = () => world.resendDeviceCode({ loginId, loginToken }, anonymous());
  return { ...world, view, codes, approve, resend, beforeApproving, beforeResending };
}

describe('a code that is used while another one is sent', () => {
  it('is good, and the device is approved once', async () => {
    const { approve, resend, beforeApproving, codes, events, selectTeam, view } = await atTheCode();
    beforeApproving.run = resend;
    expect((await approve()).view.status).toBe('team-selection-required');
    expect(codes()).toHaveLength(2);
    expect(events('LoginDeviceApproved')).toHaveLength(1);
    expect(events('DeviceApproved').filter(({ event }) => event.data.method === 'otp')).toHaveLength(1);
    expect((await selectTeam(view.loginId, view.loginToken)).session.userId).toBeDefined();
  });

  it('makes the other one superfluous: nothing is sent any more', async () => {
    const { approve, resend, beforeResending, codes, events, selectTeam, view } = await atTheCode();
    beforeResending.run = () => approve();
    expect(await codeOf(resend())).toBe('login-step-not-due');
    expect(codes()).toHaveLength(1);
    expect(events('LoginDenied')).toEqual([]);
    expect((await selectTeam(view.loginId, view.loginToken)).session.userId).toBeDefined();
  });

  it('counts as a wrong one where it is, and the new one is good', async () => {
    const { approve, resend, beforeApproving, codes, ports, code } = await withCode();
    beforeApproving.run = resend;
    expect(await codeOf(approve(code === '000000' ? '000001' : '000000'))).toBe('device-code-wrong');
    const newest = ports.tokens.deviceCode(codes().at(-1) ?? expect.fail('no code'));
    expect((await approve(newest)).view.status).toBe('team-selection-required');
  });
});

async function withCode() {
  const world = await atTheCode();
  return { ...world, code: world.ports.tokens.deviceCode(world.codes()[0] ?? expect.fail('no code')) };
}
