import { randomBytes, randomUUID } from 'node:crypto';
import { hmacTokens } from '../../src/adapters/hmac-tokens.ts';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { acceptAsNewPerson, acceptAsUser } from '../../src/application/invitations/accept-invitation.ts';
import { claimAddress } from '../../src/application/invitations/claim-address.ts';
import { completeAcceptance } from '../../src/application/invitations/complete-acceptance.ts';
import { completeInvitedRegistration } from '../../src/application/invitations/complete-invited-registration.ts';
import { invitationOfToken } from '../../src/application/invitations/invitation-of-token.ts';
import { inviteMember } from '../../src/application/invitations/invite-member.ts';
import { resendInvitation, revokeInvitation } from '../../src/application/invitations/manage-invitation.ts';
import { previewInvitation } from '../../src/application/invitations/preview-invitation.ts';
import { registerInvited } from '../../src/application/invitations/register-invited.ts';
import type { Context, Credentials, EventStore, PasswordHash } from '../../src/application/ports.ts';
import { seedPermissions } from '../../src/application/permissions/seed-permissions.ts';
import { completeRegistration } from '../../src/application/registration/complete-registration.ts';
import { completeVerification } from '../../src/application/registration/complete-verification.ts';
import { forgetRegistration } from '../../src/application/registration/forget-registration.ts';
import { submitRegistration } from '../../src/application/registration/submit-registration.ts';
import { verifyEmail } from '../../src/application/registration/verify-email.ts';
import { streams } from '../../src/application/streams.ts';
import { requirePermission } from '../../src/application/teams/require-permission.ts';
import { DomainError } from '../../src/domain/errors.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { team } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import type { TeamState } from '../../src/domain/team/state.ts';

const grantable = ['team.invite', 'user.manage'].map((permission) => ({ permission, description: '' }));

export const password = 'a river under the old bridge';

/** Where a new person accepts from; jobs come from nowhere. */
export const atHome = { ip: '198.51.100.7', userAgent: 'Firefox', place: null };

export const context = (): Context => ({
  actor: { kind: 'anonymous' },
  correlationId: randomUUID(),
  causationId: randomUUID(),
});

/** The use cases of invitations and registration over memory; `before` sees every append first, and may fail it. */
export function invitationWorld() {
  const world = {
    now: new Date('2026-03-01T12:00:00.000Z'),
    before: (_stream: string, _events: readonly DomainEvent[]): Promise<void> => Promise.resolve(),
  };
  const clock = () => world.now;
  const memory = memoryEventStore({ clock });
  const eventStore: EventStore = {
    readStream: (stream, from) => memory.readStream(stream, from),
    append: async (stream, events, expected) => {
      await world.before(
        stream,
        events.map(({ event }) => event),
      );
      return memory.append(stream, events, expected);
    },
  };
  const hashes = new Map<string, { userId: string; hash: PasswordHash }>();
  const destroyed: string[] = [];
  const ports = {
    eventStore,
    clock,
    snapshots: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    newId: randomUUID,
    announceTeam: () => Promise.resolve(),
    backOff: () => Promise.resolve(),
    credentials: credentialsIn(hashes),
    passwords: {
      hash: (given: string) => Promise.resolve({ scheme: 'plain', pepperVersion: 1, hash: given }),
      verify: (given: string, hash: PasswordHash | undefined) => Promise.resolve(hash?.hash === given),
      isCurrent: () => true,
      isCommon: () => false,
    },
    personalData: {
      open: <T>(recorded: T) => Promise.resolve(recorded),
      openFields: () => Promise.reject(new Error('no query here')),
      destroyKey: (subject: string) => Promise.resolve(void destroyed.push(subject)),
    },
    tokens: hmacTokens({
      keys: {
        derivation: [{ number: 1, secret: randomBytes(32) }],
        emailHash: randomBytes(32),
        deviceId: randomBytes(32),
      },
    }),
  };
  const checked = {
    ...ports,
    requirePermission: requirePermission(ports),
    invitationOfToken: invitationOfToken(ports),
  };
  const claiming = {
    ...ports,
    claimAddress: claimAddress({ ...ports, forgetRegistration: forgetRegistration(ports) }),
  };
  const registering = { ...checked, completeInvitedRegistration: completeInvitedRegistration(claiming) };
  const accepting = {
    ...registering,
    registerInvited: registerInvited(registering),
    completeAcceptance: completeAcceptance(ports),
  };
  const useCases = {
    inviteMember: inviteMember(checked),
    resendInvitation: resendInvitation(checked),
    revokeInvitation: revokeInvitation(checked),
    previewInvitation: previewInvitation(checked),
    acceptAsNewPerson: acceptAsNewPerson(accepting),
    acceptAsUser: acceptAsUser(accepting),
    completeInvitedRegistration: registering.completeInvitedRegistration,
    completeAcceptance: accepting.completeAcceptance,
    submitRegistration: submitRegistration(ports),
    completeRegistration: completeRegistration(ports),
    verifyEmail: verifyEmail({ ...ports, completeVerification: completeVerification(ports) }),
  };

  const ofStream = async (stream: string) => (await memory.readStream(stream)).events.map(({ event }) => event);
  const tell = async (stream: string, event: DomainEvent) => {
    await memory.append(stream, [{ id: randomUUID(), event, context: context() }], 'any');
  };

  /** Somebody who waits for the verification of this address. */
  async function pending(email: string) {
    const request = { email, password, name: 'Ann', teamName: 'Works', deviceToken: 'a' };
    await seedPermissions(ports)(grantable, context());
    await useCases.submitRegistration(request, context());
    const submitted = memory.all().findLast(({ event }) => event.type === 'RegistrationSubmitted')?.event;
    if (submitted?.type !== 'RegistrationSubmitted') throw new Error('nobody has registered');
    const { userId, teamId } = submitted.data;
    await useCases.completeRegistration({ userId }, context());
    const token = ports.tokens.issue('verification', [userId, ports.tokens.derivedId(userId, 'first verification')]);
    const verify = () => useCases.verifyEmail({ token, deviceToken: undefined }, context());
    return { userId, teamId, verify };
  }

  async function person(email: string) {
    const { verify, ...about } = await pending(email);
    await verify();
    const state = await stateOf(about.teamId);
    if (state.status !== 'open') throw new Error('the team is not there');
    const roles = Object.values(state.roles);
    const roleOf = (kind: string) => roles.find((role) => role.kind === kind)?.roleId ?? '';
    return { ...about, roleOf };
  }

  async function stateOf(teamId: string): Promise<TeamState> {
    const events = (await ofStream(streams.team(teamId))) as TeamEvent[];
    return events.reduce(team.evolve, team.initialState);
  }

  /** The link of the newest invitation that was issued. */
  function link(): string {
    const issued = memory.all().findLast(({ event }) => event.type === 'InvitationIssued')?.event;
    if (issued?.type !== 'InvitationIssued') throw new Error('nobody is invited');
    return ports.tokens.issue('invitation', [issued.data.invitationId, issued.data.tokenId]);
  }

  const acceptNew = (token: string, more: Partial<{ name: string; password: string }> = {}) =>
    useCases.acceptAsNewPerson(
      { token, name: 'Bob', password, deviceToken: 'b', ...more },
      { ...context(), client: atHome },
    );
  const recorded = () => memory.all();
  const events = () => memory.all().map(({ event }) => event);
  const types = () => events().map(({ type }) => type);

  return {
    world,
    ports,
    useCases,
    hashes,
    destroyed,
    ofStream,
    tell,
    pending,
    person,
    stateOf,
    link,
    acceptNew,
    recorded,
    events,
    types,
  };
}

function credentialsIn(hashes: Map<string, { userId: string; hash: PasswordHash }>): Credentials {
  return {
    save: (id, userId, hash) => Promise.resolve(void hashes.set(id, { userId, hash })),
    load: (id) => Promise.resolve(hashes.get(id)?.hash),
    replace: () => Promise.reject(new Error('nothing is hashed again here')),
    remove: (userId) => {
      for (const [id, kept] of hashes) if (kept.userId === userId) hashes.delete(id);
      return Promise.resolve();
    },
    list: () => Promise.resolve([]),
    discard: (id) => Promise.resolve(void hashes.delete(id)),
  };
}

/** The code and details of a refusal; anything else that is thrown goes on. */
export async function refusalOf(run: Promise<unknown>): Promise<object> {
  try {
    await run;
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, ...error.details };
    throw error;
  }
  return { code: 'none' };
}
