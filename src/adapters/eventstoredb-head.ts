import { BACKWARDS, END, type EventStoreDBClient } from '@eventstore/db-client';

/** Position of the newest event of the whole store; `undefined` in an empty one. */
export const eventstoredbHead = (client: EventStoreDBClient) => async (): Promise<bigint | undefined> => {
  const newest = client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 });
  for await (const { event, commitPosition } of newest) return commitPosition ?? event?.position.commit;
  return undefined;
};
