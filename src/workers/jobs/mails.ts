import type { Job } from '../job.ts';
import { mailJob, type MailJobDependencies } from '../mail-job.ts';
import { clientOf, clientOfLogin, clientOfSession } from '../mails/causing-client.ts';
import { happening } from '../mails/client-facts.ts';
import { administrationMailJobs } from './administration-mails.ts';
import { erasureMail } from './erasure-mail.ts';
import { invitationMail } from './invitation-mail.ts';
import type { MailJobName } from '../reactions.ts';
import { suspiciousLoginMail } from './suspicious-login-mail.ts';
import { isAhead, isFollowedBy, remedy, span } from './mail-conditions.ts';
import { operationMailJobs } from './operation-mails.ts';
import { passwordMailJobs } from './password-mails.ts';
import { teamMailJobs } from './team-mails.ts';

const minute = 60_000;
const hour = 60 * minute;

/** The mails that follow from events. */
export function mailJobs(deps: MailJobDependencies): Readonly<Record<MailJobName, Job>> {
  return {
    'mail-verification': verification(deps),
    'mail-invitation': invitationMail(deps),
    'mail-already-registered': alreadyRegistered(deps),
    'mail-device-code': deviceCode(deps),
    'mail-new-device': newDevice(deps),
    'mail-session-superseded': sessionSuperseded(deps),
    'mail-refresh-token-reused': refreshTokenReused(deps),
    'mail-account-locked': accountLocked(deps),
    'mail-suspicious-login': suspiciousLoginMail(deps),
    'mail-erased': erasureMail(deps),
    ...operationMailJobs(deps),
    ...passwordMailJobs(deps),
    ...teamMailJobs(deps),
    ...administrationMailJobs(deps),
  };
}

function verification(deps: MailJobDependencies): Job {
  const { tokens, publicUrl, texts } = deps;
  return mailJob(deps, {
    template: 'verification',
    causes: ['UserRegistered', 'VerificationRequested'],
    prepare: ({ event: { data } }) => {
      const token = tokens.issue('verification', [data.userId, data.verificationId]);
      const link = `${publicUrl}/verify?token=${encodeURIComponent(token)}`;
      const hoursValid = span(data.at, data.verificationExpiresAt, hour);
      return Promise.resolve((names) => texts.verification({ ...names, link, hoursValid }));
    },
    isWanted: async (cause) =>
      isAhead(deps, cause.event.data.verificationExpiresAt) &&
      !(await isFollowedBy(deps, cause, ['VerificationRequested', 'EmailVerified', 'RegistrationLapsed'])),
  });
}

function alreadyRegistered(deps: MailJobDependencies): Job {
  return mailJob(deps, {
    template: 'already-registered',
    causes: ['RegistrationRepeated'],
    prepare: ({ event: { data } }) => {
      const about = { at: new Date(data.at), link: `${deps.publicUrl}/` };
      return Promise.resolve(({ name }) => deps.texts.alreadyRegistered({ name, ...about }));
    },
  });
}

function deviceCode(deps: MailJobDependencies): Job {
  return mailJob(deps, {
    template: 'device-code',
    causes: ['DeviceCodeRequested'],
    prepare: async (cause) => {
      const { loginId, codeId, expiresAt, at } = cause.event.data;
      const from = happening(at, (await clientOf(deps, cause)) ?? (await clientOfLogin(deps, loginId)));
      const code = deps.tokens.deviceCode(codeId);
      const minutesValid = span(at, expiresAt, minute);
      return ({ name }) => deps.texts.deviceCode({ name, code, minutesValid, ...from, ...remedy(deps) });
    },
    isWanted: async (cause) =>
      isAhead(deps, cause.event.data.expiresAt) &&
      !(await isFollowedBy(deps, cause, [
        'DeviceCodeRequested',
        'LoginDeviceApproved',
        'LoginDenied',
        'LoginCompleted',
      ])),
  });
}

function newDevice(deps: MailJobDependencies): Job {
  return mailJob(deps, {
    template: 'new-device',
    causes: ['DeviceApproved'],
    prepare: async (cause) => {
      const { loginId, at } = cause.event.data;
      const from = happening(at, (await clientOf(deps, cause)) ?? (await clientOfLogin(deps, loginId)));
      return ({ name }) => deps.texts.newDevice({ name, ...from, ...remedy(deps) });
    },
  });
}

function sessionSuperseded(deps: MailJobDependencies): Job {
  return mailJob(deps, {
    template: 'session-superseded',
    causes: ['SessionSuperseded'],
    prepare: async (cause) => {
      const { userId, bySessionId, at } = cause.event.data;
      const client = (await clientOf(deps, cause)) ?? (await clientOfSession(deps, userId, bySessionId));
      const from = happening(at, client);
      return ({ name }) => deps.texts.sessionSuperseded({ name, ...from, ...remedy(deps) });
    },
  });
}

function refreshTokenReused(deps: MailJobDependencies): Job {
  return mailJob(deps, {
    template: 'refresh-token-reused',
    causes: ['SessionRevoked'],
    prepare: async (cause) => {
      const from = happening(cause.event.data.at, await clientOf(deps, cause));
      return ({ name }) => deps.texts.refreshTokenReused({ name, ...from, ...remedy(deps) });
    },
  });
}

function accountLocked(deps: MailJobDependencies): Job {
  return mailJob(deps, {
    template: 'account-locked',
    causes: ['AccountLocked', 'DeviceLoginLocked'],
    prepare: async (cause) => {
      const { at, until } = cause.event.data;
      const onTrustedDevice = cause.event.type === 'DeviceLoginLocked';
      const about = { ...happening(at, await clientOf(deps, cause)), until: new Date(until), onTrustedDevice };
      return ({ name }) => deps.texts.accountLocked({ name, ...about });
    },
  });
}
