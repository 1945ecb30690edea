import type { Context, EventStore } from '../../application/ports.ts';
import type { Job, JobQueue } from '../job.ts';
import { reactionJob } from '../reaction-job.ts';
import type { MailJobName, OperationJobName } from '../reactions.ts';

export interface OperationFollowUps {
  readonly forgetVirtuozzoKey: (request: { linkId: string }) => Promise<unknown>;
  readonly unlinkClosedTeam: (request: { teamId: string }, context: Context) => Promise<unknown>;
}

export function operationJobs(
  eventStore: Pick<EventStore, 'readStream'>,
  useCases: OperationFollowUps,
  queue: JobQueue,
): Readonly<Record<OperationJobName, Job>> {
  return {
    // A mail's job is made from the event that the mail follows from, so that it says what it would have said.
    'retry-email': reactionJob('retry-email', ['EmailRetryRequested'], eventStore, ({ id, event: { data } }) => {
      const { template, cause } = data;
      const name: MailJobName = template === 'invitation-undeliverable' ? 'mail-invitation' : `mail-${template}`;
      return queue.enqueue(name, { ...cause }, { jobId: `${name}-${id}` });
    }),
    'forget-virtuozzo-key': reactionJob(
      'forget-virtuozzo-key',
      ['VirtuozzoLinked', 'VirtuozzoUnlinked'],
      eventStore,
      async ({ event }) => {
        const linkId = event.type === 'VirtuozzoLinked' ? event.data.replaces : event.data.linkId;
        if (linkId !== null) await useCases.forgetVirtuozzoKey({ linkId });
      },
    ),
    'unlink-closed-team': reactionJob('unlink-closed-team', ['TeamClosed'], eventStore, ({ event }, context) =>
      useCases.unlinkClosedTeam({ teamId: event.data.teamId }, context),
    ),
  };
}
