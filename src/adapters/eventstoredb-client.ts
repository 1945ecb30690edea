import { EventStoreDBClient } from '@eventstore/db-client';

/**
 * The one client of this process. Not to append with: the pending appends of all its connections there ever were share one
 * table in the library (`appendCall` does not). `dispose()` it to let the process end.
 */
export function connectEventStore(connectionString: string): EventStoreDBClient {
  return EventStoreDBClient.connectionString(connectionString);
}
