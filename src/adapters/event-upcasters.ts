import { UnknownEventType } from '../application/ports.ts';

/** Plain fields of a stored event, as some version wrote them. Personal fields are sealed and not among them. */
export type StoredData = Readonly<Record<string, unknown>>;

/** The n-th function of a type lifts data from version n to n + 1, so the newest version is their number + 1. */
export type Upcasters = Readonly<Partial<Record<string, readonly ((data: StoredData) => StoredData)[]>>>;

export const eventUpcasters: Upcasters = {};

export function newestVersion(type: string, upcasters: Upcasters): number {
  return (upcasters[type]?.length ?? 0) + 1;
}

/** Throws `UnknownEventType` for a version that only a later release knows. */
export function upcast(type: string, storedVersion: number, data: StoredData, upcasters: Upcasters): StoredData {
  if (storedVersion > newestVersion(type, upcasters)) {
    throw new UnknownEventType(`${type} of schema version ${storedVersion} was written by a later release.`);
  }
  return (upcasters[type] ?? []).slice(storedVersion - 1).reduce((lifted, lift) => lift(lifted), data);
}
