import type { PermissionCatalogueEvent } from '../../domain/permission-catalogue/events.ts';
import type { EventStore } from '../ports.ts';
import { streams } from '../streams.ts';

export interface PermissionEntry {
  readonly permission: string;
  readonly description: string;
  readonly addedAt: string;
  /** `null` for what is in force. */
  readonly retiredAt: string | null;
}

/** Every permission that there has ever been, in the order in which they first came. */
export async function catalogueHistory({
  eventStore,
}: {
  eventStore: Pick<EventStore, 'readStream'>;
}): Promise<readonly PermissionEntry[]> {
  const { events } = await eventStore.readStream(streams.permissionCatalogue());
  const entries = new Map<string, PermissionEntry>();
  for (const event of events.map((recorded) => recorded.event as PermissionCatalogueEvent)) {
    const { permission, at } = event.data;
    const known = entries.get(permission);
    if (event.type === 'PermissionAdded') {
      entries.set(permission, { permission, description: event.data.description, addedAt: at, retiredAt: null });
    } else if (known !== undefined) entries.set(permission, { ...known, retiredAt: at });
  }
  return [...entries.values()];
}
