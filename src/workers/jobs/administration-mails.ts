import type { Job } from '../job.ts';
import { mailJob, type MailJobDependencies } from '../mail-job.ts';
import { isFollowedBy } from './mail-conditions.ts';

type Name = 'mail-locked-by-administrator' | 'mail-account-deactivated' | 'mail-account-reactivated';

/** What an administrator has done to the account; not told any more once it was undone. */
export function administrationMailJobs(deps: MailJobDependencies): Readonly<Record<Name, Job>> {
  const { texts } = deps;
  return {
    'mail-locked-by-administrator': mailJob(deps, {
      template: 'locked-by-administrator',
      causes: ['UserLocked'],
      prepare: ({ event: { data } }) =>
        Promise.resolve(({ name }) => texts.lockedByAdministrator({ name, at: new Date(data.at) })),
      isWanted: async (cause) => !(await isFollowedBy(deps, cause, ['UserUnlocked'])),
    }),
    'mail-account-deactivated': mailJob(deps, {
      template: 'account-deactivated',
      causes: ['UserDeactivated'],
      prepare: ({ event: { data } }) =>
        Promise.resolve(({ name }) => texts.accountDeactivated({ name, at: new Date(data.at) })),
      isWanted: async (cause) => !(await isFollowedBy(deps, cause, ['UserReactivated'])),
    }),
    'mail-account-reactivated': mailJob(deps, {
      template: 'account-reactivated',
      causes: ['UserReactivated'],
      prepare: ({ event: { data } }) => {
        const about = { at: new Date(data.at), link: `${deps.publicUrl}/` };
        return Promise.resolve(({ name }) => texts.accountReactivated({ name, ...about }));
      },
      isWanted: async (cause) => !(await isFollowedBy(deps, cause, ['UserDeactivated'])),
    }),
  };
}
