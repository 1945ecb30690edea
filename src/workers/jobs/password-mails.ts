import type { Recorded } from '../../application/ports.ts';
import type { EventOf } from '../../domain/events.ts';
import type { Job } from '../job.ts';
import { mailJob, type MailJobDependencies } from '../mail-job.ts';
import { clientOf } from '../mails/causing-client.ts';
import { happening } from '../mails/client-facts.ts';
import { isAhead, isFollowedBy, remedy, span } from './mail-conditions.ts';

const minute = 60_000;

export function passwordMailJobs(
  deps: MailJobDependencies,
): Readonly<Record<'mail-password-reset' | 'mail-password-changed' | 'mail-password-change-forced', Job>> {
  return {
    'mail-password-reset': passwordReset(deps),
    'mail-password-changed': passwordChanged(deps),
    'mail-password-change-forced': passwordChangeForced(deps),
  };
}

function passwordReset(deps: MailJobDependencies): Job {
  return mailJob(deps, {
    template: 'password-reset',
    causes: ['PasswordResetIssued'],
    prepare: async (cause) => {
      const { userId, resetId, expiresAt, at } = cause.event.data;
      const token = deps.tokens.issue('reset', [userId, resetId]);
      const link = `${deps.publicUrl}/reset?token=${encodeURIComponent(token)}`;
      const about = { link, minutesValid: span(at, expiresAt, minute), ...happening(at, await clientOf(deps, cause)) };
      return ({ name }) => deps.texts.passwordReset({ name, ...about });
    },
    isWanted: (cause) => isGood(deps, cause),
  });
}

/** Only the newest link is. */
async function isGood(deps: MailJobDependencies, cause: Recorded<EventOf<'PasswordResetIssued'>>): Promise<boolean> {
  const overtaking = ['PasswordResetIssued', 'PasswordChanged', 'PasswordChangeForced'] as const;
  return isAhead(deps, cause.event.data.expiresAt) && !(await isFollowedBy(deps, cause, overtaking));
}

function passwordChanged(deps: MailJobDependencies): Job {
  return mailJob(deps, {
    template: 'password-changed',
    causes: ['PasswordChanged'],
    prepare: async (cause) => {
      const { keepSessionId, at } = cause.event.data;
      const from = happening(at, await clientOf(deps, cause));
      const about = { ...from, ...remedy(deps), sessionKept: keepSessionId !== null };
      return ({ name }) => deps.texts.passwordChanged({ name, ...about });
    },
  });
}

function passwordChangeForced(deps: MailJobDependencies): Job {
  return mailJob(deps, {
    template: 'password-change-forced',
    causes: ['PasswordChangeForced'],
    prepare: ({ event: { data } }) => {
      const about = { at: new Date(data.at), ...remedy(deps) };
      return Promise.resolve(({ name }) => deps.texts.passwordChangeForced({ name, ...about }));
    },
  });
}
