import type { Context, EventStore } from '../../application/ports.ts';
import type { Job } from '../job.ts';
import { reactionJob } from '../reaction-job.ts';

export interface ErasureFollowUps {
  readonly completeErasure: (request: { userId: string; position: bigint }, context: Context) => Promise<void>;
  readonly forgetErasure: (request: { userId: string }) => Promise<void>;
}

export function erasureFollowUps(
  eventStore: Pick<EventStore, 'readStream'>,
  useCases: ErasureFollowUps,
): Readonly<Record<'complete-erasure' | 'forget-erasure', Job>> {
  return {
    'complete-erasure': reactionJob('complete-erasure', ['UserErased'], eventStore, ({ event, position }, context) =>
      useCases.completeErasure({ userId: event.data.userId, position }, context),
    ),
    'forget-erasure': reactionJob(
      'forget-erasure',
      ['EmailSent', 'EmailRejected', 'EmailDropped'],
      eventStore,
      async ({ event: { data } }) => {
        if (data.userId !== null) await useCases.forgetErasure({ userId: data.userId });
      },
    ),
  };
}
