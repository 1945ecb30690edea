import { entriesOf, type AuditEntry, type AuditRow } from './audit-queries.ts';
import { visibleCondition, type Visibility } from './audit-select.ts';
import type { ReadModels } from './read-models.ts';
import type { Readers } from './sealed.ts';

/** A chain of causes is as long as the path through jobs and reactions: a handful. */
const longestChain = 50;
const shownAtMost = 100;

export interface AuditEventDetail {
  readonly event: AuditEntry;
  readonly stream: string;
  /** In its stream, from 0. */
  readonly revision: string;
  /** From the direct cause back to the first event of the request, as far as they may be seen. */
  readonly causes: readonly AuditEntry[];
  /** What directly followed from it; the first hundred. */
  readonly consequences: readonly AuditEntry[];
  /** What else followed from the same request; the first hundred. */
  readonly sameRequest: readonly AuditEntry[];
}

/** `undefined` for an event that is not there, and for one that may not be seen. */
export async function auditEvent(
  readers: Readers,
  eventId: string,
  visibleTo: Visibility,
): Promise<AuditEventDetail | undefined> {
  const { pool } = readers;
  const [row] = await visibleRows(pool, visibleTo, 'a.event_id = $1', [eventId]);
  if (row === undefined) return undefined;
  const [causes, consequences, sameRequest] = await Promise.all([
    causesOf(pool, row, visibleTo),
    visibleRows(pool, visibleTo, 'a.causation_id = $1', [eventId]),
    visibleRows(pool, visibleTo, 'a.correlation_id = $1 and a.event_id <> $2', [row.correlation_id, eventId]),
  ]);
  const known = new Set([...causes, ...consequences].map(({ event_id }) => event_id));
  const others = sameRequest.filter(({ event_id }) => !known.has(event_id));
  const entries = await entriesOf(readers, [row, ...causes, ...consequences, ...others]);
  const [event, ...rest] = entries;
  if (event === undefined) return undefined;
  const effects = causes.length + consequences.length;
  return {
    event,
    stream: row.stream,
    revision: row.revision,
    causes: rest.slice(0, causes.length),
    consequences: rest.slice(causes.length, effects),
    sameRequest: rest.slice(effects),
  };
}

async function visibleRows(
  pool: ReadModels,
  visibleTo: Visibility,
  condition: string,
  given: readonly unknown[],
): Promise<AuditRow[]> {
  const values = [...given];
  const visible = visibleCondition(visibleTo, (value) => `$${String(values.push(value))}`);
  const { rows } = await pool.query<AuditRow>(
    `select a.* from read_model.audit_log a where ${condition} and ${visible} order by a.position limit ${shownAtMost}`,
    values,
  );
  return rows;
}

/** The first cause of all is a request, whose id is not that of an event. */
async function causesOf(pool: ReadModels, row: AuditRow, visibleTo: Visibility): Promise<AuditRow[]> {
  const values: unknown[] = [row.event_id];
  const visible = visibleCondition(visibleTo, (value) => `$${String(values.push(value))}`);
  const { rows } = await pool.query<AuditRow>(
    `with recursive chain as (
       select a.event_id, a.causation_id, 0 as depth from read_model.audit_log a where a.event_id = $1
       union all
       select cause.event_id, cause.causation_id, chain.depth + 1
       from chain join read_model.audit_log cause on cause.event_id = case
         when chain.causation_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then chain.causation_id::uuid end
       where chain.depth < ${longestChain} and cause.event_id <> chain.event_id)
     select a.* from chain join read_model.audit_log a using (event_id)
     where chain.depth > 0 and ${visible} order by chain.depth`,
    values,
  );
  return rows;
}

/** How much of a stream's history somebody may see, up to a position. */
export async function streamSeen(
  pool: ReadModels,
  stream: string,
  position: string,
  visibleTo: Visibility,
): Promise<{ events: number; visible: number }> {
  const values: unknown[] = [stream, position];
  const visible = visibleCondition(visibleTo, (value) => `$${String(values.push(value))}`);
  const { rows } = await pool.query<{ events: number; visible: number }>(
    `select count(*)::int as events, count(*) filter (where ${visible})::int as visible
     from read_model.audit_log a where a.stream = $1 and a.position <= $2`,
    values,
  );
  return rows[0] ?? { events: 0, visible: 0 };
}
