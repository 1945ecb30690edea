import type { Recorded } from '../application/ports.ts';
import type { EventOf, EventType } from '../domain/events.ts';
import type { Job } from './job.ts';
import type { MailJobDependencies } from './mail-job.ts';
import type { MailContent } from './mails/content.ts';
import { renderMail } from './mails/render-mail.ts';
import { shownName } from './mails/shown-name.ts';
import { reactionJob } from './reaction-job.ts';
import type { ReactingTemplate } from './reactions.ts';

interface MailToEachPlan<Type extends EventType> {
  readonly template: ReactingTemplate;
  readonly causes: readonly Type[];
  /** Whom it goes to, and what each of them is told. */
  readonly prepare: (cause: Recorded<EventOf<Type>>) => Promise<{
    readonly userIds: readonly string[];
    readonly say: (to: { readonly userId: string; readonly name: string | null }) => MailContent;
  }>;
  /** Default: always. */
  readonly isWanted?: (cause: Recorded<EventOf<Type>>) => Promise<boolean>;
}

/** One mail to each of several people for one event. One that cannot be sent now keeps back none of the others. */
export function mailToEachJob<Type extends EventType>(deps: MailJobDependencies, plan: MailToEachPlan<Type>): Job {
  const { template, causes, prepare, isWanted } = plan;
  return reactionJob(`mail-${template}`, causes, deps.eventStore, async (cause, context) => {
    const { userIds, say } = await prepare(cause);
    const failures: unknown[] = [];
    for (const userId of userIds) {
      const render = ({ name }: { name: string | null }) =>
        renderMail(say({ userId, name: shownName(name) }), deps.texts);
      await deps
        .sendEmail(
          { template, cause, userId, toEach: true, render, ...(isWanted && { isWanted: () => isWanted(cause) }) },
          context,
        )
        .catch((failure: unknown) => failures.push(failure));
    }
    // The first says when to try again; those that were sent are not sent again then.
    if (failures.length > 0) throw failures[0];
  });
}
