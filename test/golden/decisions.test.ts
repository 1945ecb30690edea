import { describe, expect, it } from 'vitest';

import { alert } from '../../src/domain/alert/decide.ts';
import type { Decider } from '../../src/domain/decider.ts';
import { devices } from '../../src/domain/devices/decide.ts';
import { email } from '../../src/domain/email/decide.ts';
import { emailAddress } from '../../src/domain/email-address/decide.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { geoCheck } from '../../src/domain/geo-check/decide.ts';
import { invitation } from '../../src/domain/invitation/decide.ts';
import { login } from '../../src/domain/login/decide.ts';
import { mailSending } from '../../src/domain/mail-sending/decide.ts';
import { permissionCatalogue } from '../../src/domain/permission-catalogue/decide.ts';
import { retention } from '../../src/domain/retention/decide.ts';
import { sessions } from '../../src/domain/sessions/decide.ts';
import { team } from '../../src/domain/team/decide.ts';
import { user } from '../../src/domain/user/decide.ts';
import { virtuozzo } from '../../src/domain/virtuozzo/decide.ts';
import { aggregates, type AggregateName } from './aggregates.ts';
import { statesOf, tellings } from './tellings.ts';

/** As the examples of the events have them. */
const userId = '0192a000-0000-7000-8000-000000000001';
const teamId = '0192a000-0000-7000-8000-000000000002';
const loginId = '0192a000-0000-7000-8000-000000000003';
const sessionId = '0192a000-0000-7000-8000-000000000004';
const roleId = '0192a000-0000-7000-8000-000000000005';
/** Of the code of a device, and of the question about a login. */
const codeId = '0192a000-0000-7000-8000-000000000007';
const messageId = '0192a000-0000-8000-8000-000000000009';
const deviceId = '0192a000-0000-8000-8000-00000000000a';
const invitationId = '0192a000-0000-8000-8000-00000000000c';
/** Of an invitation, and of a link to the platform. */
const tokenId = '0192a000-0000-7000-8000-00000000000d';
const emailHash = 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90';
const owner = '0192a000-0000-7000-8000-00000000000e';
const ownerRole = '0192a000-0000-7000-8000-0000000000ee';
const managerRole = '0192a000-0000-7000-8000-0000000000ed';
const now = new Date('2026-01-02T04:00:00.000Z');

const rule = { warning: 0.05, critical: 0.1, minimumSamples: 20, clearAt: 0.8 };
const alertOf = (value: number) =>
  ({ type: 'Evaluate', name: 'email-failures', measured: { value, samples: 100 }, rule, now }) as const;
const acting = { teamId, by: owner, catalogue: ['team.manage', 'user.manage', 'site.create'], now };
const start = { roleId, deviceId, loginId, completedAt: now, remember: false, transport: 'bearer' } as const;

const mail = { messageId, userId, template: 'verification', now } as const;
const verdict = { loginId, userId, ruleVersion: 2, signals: ['new-country'], inputs: null } as const;
const link = { teamId, linkId: tokenId, now } as const;
const round = { invitationId, teamId, roleId, emailHash, email: 'ada@example.com', invitedBy: owner, tokenId: codeId };
const anew = { teamId, linkId: codeId, userId: owner, method: 'token', login: null, renewable: false } as const;
const mailCause = { stream: `user-${userId}`, revision: '1', eventId: codeId };

/** The streams of the stories have no Owner and not all roles: here they come, as events of today, and the Owner asks. */
const at = now.toISOString();
const joined = [
  { type: 'RoleAdded', data: { teamId, roleId: ownerRole, name: 'Owner', kind: 'owner', grants: ['*'], at } },
  { type: 'RoleAdded', data: { teamId, roleId: managerRole, name: 'Manager', kind: 'manager', grants: ['site.*'], at } },
  { type: 'MemberAdded', data: { teamId, userId: owner, roleId: ownerRole, at } },
] as const;
const goesOn: typeof team = {
  ...team,
  decide: (command, state) => team.decide(command, joined.reduce<typeof team.initialState>(team.evolve, state)),
};

type Decisions = Record<AggregateName, (state: unknown) => readonly (readonly [string, () => unknown])[]>;

/** What each command would do, or why it is refused. */
const decisions: Decisions = {
  alert: asked(alert, [alertOf(0), alertOf(0.06), alertOf(0.5)]),
  devices: asked(devices, [
    { type: 'ApproveDevice', userId, deviceId, method: 'otp', loginId, now },
    { type: 'UseDevice', userId, deviceId, loginId, now },
    { type: 'RemoveDevice', userId, deviceId, reason: 'by-user', now },
  ]),
  email: asked(email, [
    { type: 'StartSending', ...mail },
    { type: 'RecordSent', ...mail, providerMessageId: codeId },
    { type: 'RecordRejected', ...mail, reason: 'inactive-recipient' },
    { type: 'RecordDropped', ...mail, reason: 'no-longer-needed' },
    { type: 'Park', ...mail, cause: mailCause },
    { type: 'RequestRetry', ...mail, cause: mailCause },
    { type: 'RecordBounced', ...mail, bounceId: '7', kind: 'hard' },
    { type: 'RecordComplained', ...mail, complaintId: '8' },
  ]),
  emailAddress: asked(emailAddress, [
    { type: 'ReserveEmailAddress', emailHash, userId, now },
    { type: 'ReserveEmailAddress', emailHash, userId: owner, now },
    { type: 'ReleaseEmailAddress', emailHash, userId, reason: 'person-erased', now },
    { type: 'RequestVerificationResend', emailHash, now },
    { type: 'RequestPasswordReset', emailHash, now },
  ]),
  geoCheck: asked(geoCheck, [
    { type: 'RecordVerdict', ...verdict, verdict: 'flagged', now },
    { type: 'RecordFailure', loginId, userId, now },
  ]),
  invitation: asked(invitation, [
    { type: 'IssueInvitation', ...round, now },
    { type: 'ResendInvitation', resentBy: owner, now },
    { type: 'RevokeInvitation', revokedBy: owner, now },
    { type: 'AcceptInvitation', tokenId, userId, emailHash, now },
    { type: 'AcceptInvitation', tokenId, userId: owner, emailHash: 'another', now },
    { type: 'FailAcceptance', tokenId, userId, reason: 'already-member', now },
  ]),
  login: asked(login, [
    { type: 'ApproveDevice', matchingCodeId: codeId, now },
    { type: 'ApproveDevice', matchingCodeId: null, now },
    { type: 'ResendDeviceCode', codeId: tokenId, now },
    { type: 'SelectTeam', teamId, roleId, sessionId, now },
    { type: 'ClearByGeo', ruleVersion: 2, inputs: null, now },
    { type: 'ClearWithoutGeo', reason: 'timeout', now },
    { type: 'FlagLogin', ruleVersion: 2, signals: ['new-country'], inputs: null, decisionId: tokenId, now },
    { type: 'DecideLogin', decision: 'approve', decisionId: codeId, now },
    { type: 'DecideLogin', decision: 'deny', decisionId: codeId, now },
  ]),
  retention: asked(retention, [
    { type: 'SetRetention', category: 'email', days: 90, now },
    { type: 'SetRetention', category: 'email', days: null, now },
  ]),
  virtuozzo: asked(virtuozzo, [
    { type: 'Link', ...anew, now },
    { type: 'Unlink', teamId, reason: 'by-owner', now },
    { type: 'RecordWorking', ...link },
    { type: 'RecordRefreshed', ...link },
    { type: 'RecordUnavailable', ...link },
    { type: 'RecordRefused', ...link, reason: 'not-renewable' },
  ]),
  mailSending: asked(mailSending, [
    { type: 'Pause', reason: 'account', now },
    { type: 'Resume', now },
  ]),
  permissionCatalogue: asked(permissionCatalogue, [
    { type: 'SeedPermissions', permissions: [], now },
    { type: 'SeedPermissions', permissions: [{ permission: 'site.create', description: 'Create sites' }], now },
  ]),
  sessions: asked(sessions, [
    { type: 'StartSession', ...start, sessionId: deviceId, userId, teamId, idleTimeoutSeconds: 900, maxSessions: 1, now },
    { type: 'RevokeAllSessions', exceptSessionId: null, reason: 'by-user', now },
    { type: 'ExpireSession', sessionId, lastUsedAt: null, now: new Date('2027-01-01T00:00:00Z') },
  ]),
  team: asked(goesOn, [
    { type: 'RenameTeam', ...acting, name: 'Another name' },
    { type: 'AddRole', ...acting, roleId: deviceId, name: 'Guest', grants: ['site.create'] },
    { type: 'ChangeMember', ...acting, userId, roleId: ownerRole },
    { type: 'RemoveMember', ...acting, userId },
    { type: 'LeaveTeam', teamId, by: userId, now },
    { type: 'RetireRole', ...acting, roleId, reassignTo: ownerRole },
    { type: 'TransferOwnership', teamId, by: owner, toUserId: userId, now },
    { type: 'CloseTeam', teamId, by: owner, now },
  ]),
  user: asked(user, [
    { type: 'LockUser', userId, now },
    { type: 'UnlockUser', userId, now },
    { type: 'DeactivateUser', userId, now },
    { type: 'ReactivateUser', userId, now },
  ]),
};

function asked<State, Command extends { type: string }, Event>(
  { decide }: Decider<State, Command, Event>,
  commands: readonly Command[],
) {
  return (state: unknown) => commands.map((command) => [command.type, () => decide(command, state as State)] as const);
}

function outcome(decide: () => unknown): unknown {
  try {
    return decide();
  } catch (error) {
    if (error instanceof DomainError) return `refused: ${error.code}`;
    // What cannot come about there; a fault of the code is of another kind.
    if (error instanceof Error && error.constructor === Error) return `impossible: ${error.message}`;
    throw error;
  }
}

describe('what is decided on streams that any release wrote', () => {
  const told = tellings.map((telling) => ({ ...telling, decide: decisions[telling.aggregate] }));

  it.each(told)('$aggregate "$story", as $release stored it, is decided on as it was', ({ decide, ...telling }) => {
    const state = statesOf(telling).at(-1);
    expect(decide(state).map(([command, run]) => [command, outcome(run)])).toMatchSnapshot();
  });

  it.each(Object.keys(decisions) as AggregateName[])('rests on the stream of %s', (aggregate) => {
    const on = (state: unknown) => JSON.stringify(decisions[aggregate](state).map(([, run]) => outcome(run)));
    const empty = on(aggregates[aggregate].initialState);
    const ends = told.filter((telling) => telling.aggregate === aggregate).map((telling) => on(statesOf(telling).at(-1)));
    expect(ends.some((end) => end !== empty)).toBe(true);
  });
});
