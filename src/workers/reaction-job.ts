import { z } from 'zod';
import type { EventOf, EventType } from '../domain/events.ts';
import { contextFrom } from '../application/context.ts';
import type { Context, EventStore, Recorded } from '../application/ports.ts';
import { defineJob, InvalidPayload, type Job } from './job.ts';
import type { ReactionJobName } from './reactions.ts';

const cause = z.strictObject({
  stream: z.string().min(1),
  revision: z.string().regex(/^\d{1,19}$/),
  eventId: z.uuid(),
});

/** A job that follows from one event: it reads the event again in the log, so that the queue holds none of its data. */
export function reactionJob<Type extends EventType>(
  name: ReactionJobName,
  types: readonly Type[],
  eventStore: Pick<EventStore, 'readStream'>,
  run: (recorded: Recorded<EventOf<Type>>, context: Context) => Promise<unknown>,
): Job {
  return defineJob(name, cause, async ({ stream, revision, eventId }) => {
    const { events } = await eventStore.readStream(stream, BigInt(revision));
    const recorded = events[0];
    if (recorded === undefined) throw new CauseNotFound(`${name}: the event cannot be read yet`);
    if (recorded.id !== eventId || !isOneOf(recorded, types)) {
      throw new InvalidPayload(`${name}: another event stands where the payload points`);
    }
    await run(recorded, contextFrom(recorded));
  });
}

function isOneOf<Type extends EventType>(
  recorded: Recorded,
  types: readonly Type[],
): recorded is Recorded<EventOf<Type>> {
  return (types as readonly EventType[]).includes(recorded.event.type);
}

/** A node of the store that is behind: it may be there the next time. */
export class CauseNotFound extends Error {
  override readonly name = 'CauseNotFound';
}
