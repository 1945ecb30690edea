import { BACKWARDS, END, type EventStoreDBClient } from '@eventstore/db-client';
import { eventCodec } from '../../src/adapters/event-codec.ts';
import { connectEventStore } from '../../src/adapters/eventstoredb-client.ts';
import { eventstoredbSubscription } from '../../src/adapters/eventstoredb-subscription.ts';
import type { Subscribe } from '../../src/application/ports.ts';
import type { EventType } from '../../src/domain/events.ts';
import type { Stack } from './stack.ts';

/** An event as it lies in the store: names and addresses of people in it are sealed. */
export interface LoggedEvent {
  readonly id: string;
  readonly type: EventType;
  /** Without the installation's prefix. */
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface EventLog {
  /** All of this installation, in commit order. */
  events(): Promise<LoggedEvent[]>;
  ofType(type: EventType): Promise<LoggedEvent[]>;
  readonly subscribe: Subscribe;
  close(): Promise<void>;
}

/** The log as its store tells it to any client, past the service. */
export function openEventLog({ servers, streamPrefix }: Pick<Stack, 'servers' | 'streamPrefix'>): EventLog {
  const client = connectEventStore(servers.eventStore);
  const codec = eventCodec({ subjectKeys: { forSealing: () => Promise.reject(new Error('a test writes no events')) } });
  const events = () => readAll(client, streamPrefix);
  return {
    events,
    ofType: async (type) => (await events()).filter((event) => event.type === type),
    subscribe: eventstoredbSubscription({ client, codec, prefix: streamPrefix }),
    close: () => client.dispose(),
  };
}

async function readAll(client: EventStoreDBClient, prefix: string): Promise<LoggedEvent[]> {
  const found: LoggedEvent[] = [];
  for await (const { event } of client.readAll({ direction: BACKWARDS, fromPosition: END })) {
    if (!event?.streamId.startsWith(prefix)) continue;
    const { id, type, revision, streamId, position, data, metadata } = event;
    found.push({
      ...{ id, revision, type: type as EventType, stream: streamId.slice(prefix.length) },
      position: position.commit,
      data: data as Record<string, unknown>,
      metadata: metadata as Record<string, unknown>,
    });
  }
  return found.reverse();
}
