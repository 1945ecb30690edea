import { expect, it } from 'vitest';
import { streams } from '../../src/application/streams.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { memberRole } from '../../src/domain/team/state.ts';
import { atHome, context, invitationWorld, password } from './invitation-world.ts';

const died = 'the process is gone';

/** Bob is invited, and the process that takes his acceptance dies when it has written `appends` times. */
async function killedAfter(appends: number) {
  const w = invitationWorld();
  const owner = await w.person('ann@example.com');
  const roleId = owner.roleOf('developer');
  await w.useCases.inviteMember(
    { teamId: owner.teamId, userId: owner.userId, email: 'bob@example.com', roleId },
    context(),
  );
  const token = w.link();
  const before = w.types().length;
  let left = appends;
  w.world.before = () => ((left -= 1) < 0 ? Promise.reject(new Error(died)) : Promise.resolve());
  const outcome = await w.acceptNew(token).then(
    () => 'done' as const,
    (error: unknown) => {
      if (!(error instanceof Error) || error.message !== died) throw error;
      return 'killed' as const;
    },
  );
  w.world.before = () => Promise.resolve();
  return { w, owner, token, outcome, written: () => w.types().slice(before) };
}

type Killed = Awaited<ReturnType<typeof killedAfter>>;

/** What the reactions to the events of the acceptance do, each twice as after a lost acknowledgement. */
async function react({ w }: Killed): Promise<void> {
  for (let done = 0; done < w.events().length; done += 1) {
    const event = w.events()[done];
    for (let times = 0; times < 2; times += 1) {
      if (event?.type === 'InvitedRegistrationSubmitted') {
        const { userId } = event.data;
        await w.useCases.completeInvitedRegistration({ userId }, context()).catch((error: unknown) => {
          if (!(error instanceof DomainError)) throw error;
        });
      }
      if (event?.type === 'InvitationAccepted') {
        const { invitationId, tokenId } = event.data;
        await w.useCases.completeAcceptance({ invitationId, tokenId }, context());
      }
    }
  }
}

it('an acceptance that a process began is completed wherever that process died, and nothing happens twice', async () => {
  let outcome: Killed['outcome'] = 'killed';
  let kills = 0;
  for (; outcome === 'killed'; kills += 1) {
    const killed = await killedAfter(kills);
    ({ outcome } = killed);
    const { w, owner, token, written } = killed;
    await react(killed);

    if (written().length === 0) {
      await w.acceptNew(token);
    }
    const once = [
      'InvitedRegistrationSubmitted',
      'EmailAddressReserved',
      'EmailAddressConfirmed',
      'InvitedUserRegistered',
      'InvitationAccepted',
      'MemberJoined',
    ] as const;
    expect([kills, ...once.map((type) => written().filter((known) => known === type).length)]).toEqual([
      kills,
      ...once.map(() => 1),
    ]);
    const submitted = w.events().findLast(({ type }) => type === 'InvitedRegistrationSubmitted');
    const { userId, credentialId } = submitted?.data as { userId: string; credentialId: string };
    expect(memberRole(await w.stateOf(owner.teamId), userId)?.kind).toBe('developer');
    expect((await w.ofStream(streams.user(userId))).at(-1)?.type).toBe('InvitedUserRegistered');
    expect(w.hashes.get(credentialId)?.hash.hash).toBe(password);
    // The device is shown to its owner with where it was: also where a job had to trust it.
    const trusted = w.recorded().findLast(({ event }) => event.type === 'DeviceApproved');
    expect([trusted?.stream, trusted?.context.client]).toEqual([streams.devices(userId), atHome]);
  }
  // Every append of the acceptance was the last one of some process.
  expect(kills).toBeGreaterThan(5);
});
