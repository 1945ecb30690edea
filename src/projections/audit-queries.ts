import type { Actor } from '../application/ports.ts';
import type { EventType } from '../domain/events.ts';
import { roleNames } from './access-rows.ts';
import {
  auditSelect,
  rangeSelect,
  type AuditFilter,
  type AuditOrder,
  type LogRange,
  type Visibility,
} from './audit-select.ts';
import { summaryOf } from './audit-summary.ts';
import { pageOf, positionOf, type Page, type PageRequest } from './cursor.ts';
import type { ReadModels } from './read-models.ts';
import { openRow, type Readers, type SealedColumns } from './sealed.ts';
import { teamNames } from './teams.ts';
import { userNames } from './users.ts';

export interface AuditEntry {
  readonly eventId: string;
  /** In the log; 64 bits, hence text. */
  readonly position: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly actor: Actor;
  /** The person it is about. */
  readonly subject: string | null;
  readonly teamId: string | null;
  readonly sessionId: string | null;
  readonly deviceId: string | null;
  readonly requestId: string | null;
  readonly correlationId: string;
  readonly causationId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly place: string | null;
  /** Personal fields are `null` once the person is erased. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly summary: string;
}

export interface AuditRow extends SealedColumns {
  position: string;
  stream: string;
  revision: string;
  type: EventType;
  occurred_at: Date;
  actor_kind: Actor['kind'];
  actor_id: string | null;
  subject_id: string | null;
  team_id: string | null;
  session_id: string | null;
  device_id: string | null;
  request_id: string | null;
  correlation_id: string;
  causation_id: string;
  data: Record<string, unknown>;
}

/** Entries that match and may be seen, newest first unless asked otherwise. Throws `InvalidCursor`. */
export async function auditEvents(
  readers: Readers,
  filter: AuditFilter,
  page: PageRequest & { readonly order?: AuditOrder },
  visibleTo: Visibility,
): Promise<Page<AuditEntry>> {
  const { from, to } = filter;
  const range = from || to ? await rangeOf(readers.pool, { from, to }) : undefined;
  const { text, values } = auditSelect(filter, visibleTo, {
    range,
    order: page.order ?? 'newest-first',
    after: positionOf(page.cursor),
    limit: page.limit + 1,
  });
  const rows = await select(readers.pool, text, values);
  return pageOf(rows, page.limit, await entriesOf(readers, rows.slice(0, page.limit)));
}

async function rangeOf(pool: ReadModels, times: Pick<AuditFilter, 'from' | 'to'>): Promise<LogRange | undefined> {
  const { rows } = await pool.query<LogRange>(rangeSelect(times));
  return rows[0];
}

/** The history of one stream. Throws `InvalidCursor`. */
export const auditStream = (
  readers: Readers,
  streamName: string,
  page: PageRequest & { readonly order?: AuditOrder },
  visibleTo: Visibility,
): Promise<Page<AuditEntry>> => auditEvents(readers, { stream: streamName }, page, visibleTo);

async function select(pool: ReadModels, text: string, values: unknown[]): Promise<AuditRow[]> {
  const { rows } = await pool.query<AuditRow>(text, values);
  return rows;
}

/** As those who may see the entries read them: opened, with names instead of ids. */
export async function entriesOf(readers: Readers, rows: readonly AuditRow[]): Promise<AuditEntry[]> {
  const names = await namesIn(readers, rows);
  return Promise.all(rows.map(async (row) => entryOf(row, await openRow(readers, row), names)));
}

type Opened = Awaited<ReturnType<typeof openRow>>;

/** Written out, without spreads: an export makes one for every event there is. */
function entryOf(row: AuditRow, { data: personal, client }: Opened, names: Names): AuditEntry {
  const data = personal === null ? row.data : { ...row.data, ...personal };
  const actor = actorOf(row);
  return {
    eventId: row.event_id,
    position: row.position,
    type: row.type,
    occurredAt: row.occurred_at.toISOString(),
    actor,
    subject: row.subject_id,
    teamId: row.team_id,
    sessionId: row.session_id,
    deviceId: row.device_id,
    requestId: row.request_id,
    correlationId: row.correlation_id,
    causationId: row.causation_id,
    ip: client?.ip ?? null,
    userAgent: client?.userAgent ?? null,
    place: client?.place ?? null,
    data,
    summary: summaryOf(row.type, data, actor, names),
  };
}

type Names = Awaited<ReturnType<typeof namesIn>>;

/** Every other id that a row holds may be that of a person, a team or a role. */
async function namesIn(readers: Readers, rows: readonly AuditRow[]) {
  const found = new Set<string>();
  const add = (value: unknown) => {
    if (typeof value === 'string' && value.length === uuidLength && isUuid.test(value)) found.add(value);
  };
  for (const { actor_id, data } of rows) {
    add(actor_id);
    for (const name in data) if (!nameless.has(name)) add(data[name]);
  }
  const ids = [...found];
  const inTeams = [...new Set(rows.map(({ team_id }) => team_id).filter((id) => id !== null))];
  const [users, teams, roles] = await Promise.all([
    userNames(readers, ids),
    teamNames(readers.pool, ids),
    roleNames(readers.pool, inTeams),
  ]);
  return {
    user: (userId: string) => users.get(userId) ?? `User ${userId}`,
    team: (teamId: string) => teams.get(teamId) ?? teamId,
    role: (roleId: string) => roles.get(roleId) ?? `role ${roleId}`,
  };
}

/** Most events have an id of these, and none of what they stand for has a name. */
const nameless: ReadonlySet<string> = new Set(['loginId', 'sessionId', 'deviceId']);
const uuidLength = 36;
const isUuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

const actorOf = ({ actor_kind: kind, actor_id: userId }: AuditRow): Actor =>
  kind === 'user' ? { kind, userId: userId ?? '' } : { kind };
