import { firstDisagreement, type EventKnowledge } from '../../domain/audit-proof/readable.ts';
import type { Cryptography } from '../../domain/audit-proof/signed-note.ts';
import { rawEventOf } from '../../domain/audit-proof/stored-bytes.ts';
import { activeCheckpoint } from '../checkpoint.ts';
import { soundBytes, type KeptLeaf, type Mismatch } from './compare.ts';
import type { Pool } from 'pg';

export interface RowChecking {
  readonly pool: Pool;
  readonly cryptography: Cryptography;
  readonly knowledge: EventKnowledge & { readonly knows: (type: string) => boolean };
  /** Of stream names. */
  readonly prefix: string;
}

interface AuditLogRow {
  event_id: string;
  position: string;
  stream: string;
  revision: string;
  type: string;
  occurred_at: Date;
  actor_kind: string;
  actor_id: string | null;
  subject_id: string | null;
  team_id: string | null;
  session_id: string | null;
  device_id: string | null;
  request_id: string | null;
  correlation_id: string;
  causation_id: string;
  data: Record<string, unknown>;
  sealed_subject: string | null;
  sealed_data: string | null;
  sealed_client: string | null;
}

/** The rows of the audit log between two places of the log, against the proven bytes of the same events. */
export async function compareRows(
  { pool, knowledge, prefix, cryptography }: RowChecking,
  after: bigint,
  leaves: readonly KeptLeaf[],
): Promise<Mismatch[]> {
  const last = leaves.at(-1);
  const live = await activeCheckpoint(pool, 'audit_log');
  // It is still on its way there: the next check will see it.
  if (last === undefined || (live?.eventPosition ?? -1n) < last.position) return [];
  const { rows } = await pool.query<AuditLogRow>(
    'select * from read_model.audit_log where position > $1 and position <= $2 order by position',
    [after, last.position],
  );
  const { rows: parked } = await pool.query<{ event_id: string }>(
    `select event_id from engine.parked_event where projection = 'audit_log'`,
  );
  const excused = new Set(parked.map(({ event_id }) => event_id));
  const byEvent = new Map(rows.map((row) => [row.event_id, row]));
  const found = leaves.flatMap((leaf) => {
    const row = byEvent.get(leaf.eventId);
    byEvent.delete(leaf.eventId);
    const bytes = soundBytes(cryptography.sha256, leaf);
    // What is wrong with the tables of the proofs is found by another check.
    return bytes === undefined || excused.has(leaf.eventId) ? [] : rowMismatch(leaf, bytes, row, knowledge, prefix);
  });
  for (const { event_id: eventId, position } of byEvent.values()) {
    const detail = `the row of event ${eventId} at position ${position} has no event`;
    found.push({ mismatch: 'row-inserted', index: null, eventId, detail });
  }
  return found;
}

function rowMismatch(
  { index, eventId, position }: KeptLeaf,
  bytes: Uint8Array,
  row: AuditLogRow | undefined,
  knowledge: RowChecking['knowledge'],
  prefix: string,
): Mismatch[] {
  const raw = rawEventOf(bytes);
  if (!knowledge.knows(raw.type)) return [];
  const place = `${raw.type} at ${raw.stream}@${raw.revision}`;
  if (!row) {
    return [{ mismatch: 'row-missing', index, eventId, detail: `the row of ${place} is gone from the audit log` }];
  }
  const isPlaced =
    prefix + row.stream === raw.stream && row.revision === String(raw.revision) && row.position === String(position);
  const field = isPlaced
    ? (firstDisagreement(entryOf(row), raw, knowledge) ?? sealedDisagreement(row, raw))
    : 'the place';
  if (field === undefined) return [];
  return [{ mismatch: 'row-changed', index, eventId, detail: `${field} of ${place} in the audit log was changed` }];
}

/** As the entry would be shown to somebody for whom nothing can be opened. */
const entryOf = (row: AuditLogRow) => ({
  eventId: row.event_id,
  type: row.type,
  occurredAt: row.occurred_at.toISOString(),
  actor: row.actor_kind === 'user' ? { kind: 'user', userId: row.actor_id } : { kind: row.actor_kind },
  subject: row.subject_id,
  teamId: row.team_id,
  sessionId: row.session_id,
  deviceId: row.device_id,
  requestId: row.request_id,
  correlationId: row.correlation_id,
  causationId: row.causation_id,
  data: row.data,
});

function sealedDisagreement(
  row: AuditLogRow,
  raw: { readonly data: Uint8Array; readonly metadata: Uint8Array },
): string | undefined {
  const { $sealed } = JSON.parse(Buffer.from(raw.data).toString()) as { $sealed?: string };
  const metadata = JSON.parse(Buffer.from(raw.metadata).toString()) as { subject?: string; client?: string };
  const sealed = {
    sealed_subject: metadata.subject ?? null,
    sealed_data: metadata.subject === undefined ? null : ($sealed ?? null),
    sealed_client: metadata.subject === undefined ? null : (metadata.client ?? null),
  };
  const names = ['sealed_subject', 'sealed_data', 'sealed_client'] as const;
  return names.find((name) => row[name] !== sealed[name]);
}
