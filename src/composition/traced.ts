import type { JobQueue } from '../adapters/bullmq-queue.ts';
import type { EventStore } from '../application/ports.ts';
import { categoryOf } from '../application/streams.ts';
import type { Tracing } from '../application/tracing.ts';

/** The same stores; what they take carries the trace that it belongs to. */
export function traced<Stores extends { eventStore: EventStore; queue: JobQueue }>(
  stores: Stores,
  tracing: Tracing | undefined,
): Stores {
  if (tracing === undefined) return stores;
  return { ...stores, eventStore: tracedAppends(stores.eventStore, tracing), queue: tracedJobs(stores.queue, tracing) };
}

/** Each event knows the span of its append: what follows from it, on any process, goes on there. */
function tracedAppends<Store extends EventStore>(eventStore: Store, tracing: Tracing): Store {
  return {
    ...eventStore,
    append: (stream, events, expected) => {
      const category = categoryOf(stream);
      const types = events.map(({ event }) => event.type).join(' ');
      const attributes = { 'mbauth.stream_category': category, 'mbauth.event_types': types };
      return tracing.inSpan({ name: `append ${category}`, kind: 'client', attributes }, () => {
        const traceparent = tracing.traceparent();
        if (traceparent === undefined) return eventStore.append(stream, events, expected);
        const stamped = events.map((event) => ({ ...event, context: { ...event.context, traceparent } }));
        return eventStore.append(stream, stamped, expected);
      });
    },
  };
}

function tracedJobs<Queue extends JobQueue>(queue: Queue, tracing: Tracing): Queue {
  return {
    ...queue,
    enqueue: (name, payload, options) => {
      const traceparent = tracing.traceparent();
      return queue.enqueue(name, payload, { ...options, ...(traceparent !== undefined && { traceparent }) });
    },
  };
}
