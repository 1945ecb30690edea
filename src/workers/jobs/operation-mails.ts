import { teamOwners } from '../../application/teams/team-owners.ts';
import type { Recorded } from '../../application/ports.ts';
import type { EventOf } from '../../domain/events.ts';
import type { Job } from '../job.ts';
import type { MailJobDependencies } from '../mail-job.ts';
import { mailToEachJob } from '../mail-to-each-job.ts';
import type { MailContent } from '../mails/content.ts';
import { renderMail } from '../mails/render-mail.ts';
import { shownName } from '../mails/shown-name.ts';
import { reactionJob } from '../reaction-job.ts';
import { isFollowedBy } from './mail-conditions.ts';

type OperationMail =
  'mail-virtuozzo-outage' | 'mail-virtuozzo-sign-in-needed' | 'mail-alert-raised' | 'mail-alert-cleared';

/** To those who keep something running. */
export function operationMailJobs(deps: MailJobDependencies): Readonly<Record<OperationMail, Job>> {
  return {
    'mail-virtuozzo-outage': mailToEachJob(deps, {
      template: 'virtuozzo-outage',
      causes: ['VirtuozzoOutageBegan'],
      prepare: async ({ event: { data } }) => {
        const { name: team, userIds } = await teamOwners(deps, data.teamId);
        const about = { team: shownName(team), at: new Date(data.at) };
        return { userIds, say: ({ name }) => deps.texts.virtuozzoOutage({ name, ...about }) };
      },
      isWanted: async (cause) =>
        !(await isFollowedBy(deps, cause, ['VirtuozzoOutageEnded', 'VirtuozzoUnlinked', 'VirtuozzoLinked'])),
    }),
    'mail-virtuozzo-sign-in-needed': mailToEachJob(deps, {
      template: 'virtuozzo-sign-in-needed',
      causes: ['VirtuozzoRefreshFailed'],
      prepare: async ({ event: { data } }) => {
        const { name: team, userIds } = await teamOwners(deps, data.teamId);
        const about = { team: shownName(team), at: new Date(data.at) };
        return { userIds, say: ({ name }) => deps.texts.virtuozzoSignInNeeded({ name, ...about }) };
      },
      isWanted: async (cause) => !(await isFollowedBy(deps, cause, ['VirtuozzoUnlinked', 'VirtuozzoLinked'])),
    }),
    'mail-alert-raised': alertMail(deps, 'alert-raised', 'AlertRaised', ({ event: { data } }) =>
      deps.texts.alertRaised({ ...data, alert: data.name, at: new Date(data.at) }),
    ),
    'mail-alert-cleared': alertMail(deps, 'alert-cleared', 'AlertCleared', ({ event: { data } }) =>
      deps.texts.alertCleared({
        ...data,
        alert: data.name,
        raisedAt: new Date(data.raisedAt),
        at: new Date(data.at),
      }),
    ),
  };
}

/** To the address of the operators; nowhere where none is configured. */
function alertMail<Type extends 'AlertRaised' | 'AlertCleared'>(
  deps: MailJobDependencies,
  template: 'alert-raised' | 'alert-cleared',
  type: Type,
  say: (cause: Recorded<EventOf<Type>>) => MailContent,
): Job {
  return reactionJob(`mail-${template}`, [type], deps.eventStore, async (cause, context) => {
    const email = deps.alertMailTo;
    if (email === undefined) return;
    await deps.sendEmail(
      {
        template,
        cause,
        userId: null,
        recipient: () => Promise.resolve({ email, name: null, teamName: null }),
        render: () => renderMail(say(cause), deps.texts),
      },
      context,
    );
  });
}
