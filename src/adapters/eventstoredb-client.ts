import { EventStoreDBClient } from '@eventstore/db-client';

/**
 * The one client of this process: the pending appends of all clients of a process share one table in the library, so a
 * second client would be broken by the first one's outages. `dispose()` it to let the process end.
 */
export function connectEventStore(connectionString: string): EventStoreDBClient {
  return EventStoreDBClient.connectionString(connectionString);
}
