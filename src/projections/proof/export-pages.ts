import type { AuditEntry } from '../audit-queries.ts';
import { cursorOf, type Page, type PageRequest } from '../cursor.ts';
import type { ReadModels } from '../read-models.ts';
import { leavesAt, leavesBetween, type StoredLeaf } from './leaves.ts';

const pageSize = 1000;

export interface ExportedEvent {
  readonly leaf: StoredLeaf;
  /** `null` where the audit log has no such row. */
  readonly entry: AuditEntry | null;
}

export interface ExportSource {
  readonly sql: ReadModels;
  /** The audit log with its filters and the rights of the reader, the oldest first. */
  readonly entries: (page: PageRequest) => Promise<Page<AuditEntry>>;
  /** Of the checkpoint: what came later is not exported. */
  readonly size: number;
}

/** Every event of the checkpoint, whether or not the audit log has it; the next page is read while one is used. */
export async function* everyEvent(source: ExportSource): AsyncGenerator<readonly ExportedEvent[]> {
  const { sql, size } = source;
  let next: Promise<{ page: ExportedEvent[]; after: string }> | undefined = load(0, undefined);
  for (let from = 0; next !== undefined; from += pageSize) {
    const { page, after }: { page: ExportedEvent[]; after: string } = await next;
    next = from + pageSize < size ? begun(load(from + pageSize, after)) : undefined;
    yield page;
  }

  async function load(from: number, after: string | undefined): Promise<{ page: ExportedEvent[]; after: string }> {
    const leaves = await leavesBetween(sql, from, Math.min(from + pageSize, size));
    const last = leaves.at(-1)?.position ?? after ?? '0';
    const entries = await entriesUpTo(source, after, last, pageSize);
    return { page: leaves.map((leaf) => ({ leaf, entry: entries.get(leaf.position) ?? null })), after: last };
  }
}

async function entriesUpTo({ entries }: ExportSource, after: string | undefined, last: string, limit: number) {
  const found = new Map<string, AuditEntry>();
  let cursor = after === undefined ? undefined : cursorOf(after);
  do {
    const page = await entries({ cursor, limit });
    for (const entry of page.items) found.set(entry.position, entry);
    const reached = page.items.at(-1)?.position;
    cursor = reached !== undefined && BigInt(reached) < BigInt(last) ? page.nextCursor : undefined;
  } while (cursor !== undefined);
  return found;
}

/** What the filters let through. */
export async function* matchingEvents(source: ExportSource): AsyncGenerator<readonly ExportedEvent[]> {
  const { sql, entries, size } = source;
  let next: Promise<LoadedPage> | undefined = load(undefined);
  while (next !== undefined) {
    const { page, cursor, complete }: LoadedPage = await next;
    next = cursor !== undefined && !complete ? begun(load(cursor)) : undefined;
    yield page;
  }

  async function load(cursor: string | undefined): Promise<LoadedPage> {
    const { items, nextCursor } = await entries({ cursor, limit: pageSize });
    const leaves = await leavesAt(
      sql,
      items.map(({ position }) => position),
    );
    const byPosition = new Map(items.map((entry) => [entry.position, entry]));
    const covered = leaves.filter(({ index }) => index < size);
    const page = covered.map((leaf) => ({ leaf, entry: byPosition.get(leaf.position) ?? null }));
    return { page, cursor: nextCursor, complete: covered.length < leaves.length };
  }
}

interface LoadedPage {
  readonly page: ExportedEvent[];
  readonly cursor: string | undefined;
  readonly complete: boolean;
}

/** Awaited only when its turn comes, which may be never. */
function begun<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
