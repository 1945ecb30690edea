import type { ClientBase } from 'pg';
import type { PlacedEvent } from '../../application/ports.ts';
import { storedBytes } from '../../domain/audit-proof/stored-bytes.ts';
import { compactRange, type CompactRange } from '../../domain/compact-range.ts';
import { completeParts, leafHash, type Sha256 } from '../../domain/merkle.ts';
import { CheckpointMoved } from '../checkpoint.ts';
import { inTransaction } from '../transaction.ts';
import { checkpointsIn, saveCheckpoints } from './checkpoint-rows.ts';
import { proofTree, tileLevels } from './tiles.ts';

/** The tree where its one writer stands. */
export interface ProofHead {
  readonly range: CompactRange;
  position: bigint | undefined;
  /** The size of the tree after the last event that is no checkpoint: what a new checkpoint would be for. */
  causeSize: number;
}

export interface TakingIn {
  readonly sql: ClientBase;
  readonly sha256: Sha256;
  /** With the prefix of the installation. */
  readonly checkpointStream: string;
}

export async function loadHead({ sql, sha256 }: TakingIn): Promise<ProofHead> {
  const { rows } = await sql.query<{ position: string | null; size: string; cause_size: string }>(
    'select position, size, cause_size from proof.log',
  );
  const row = rows[0];
  if (row === undefined) throw new Error('proof.log has no row');
  const size = Number(row.size);
  // Every complete part is a node of the tree, read as its root.
  const tree = proofTree(sql, sha256);
  const parts = await tree.parts(completeParts({ start: 0, end: size }));
  const position = row.position === null ? undefined : BigInt(row.position);
  return { range: compactRange(sha256, size, parts), position, causeSize: Number(row.cause_size) };
}

/** Leaves, the subtrees that they complete, and how far the log is taken in: in one transaction. */
export async function takeIn(
  taking: TakingIn,
  head: ProofHead,
  events: readonly PlacedEvent[],
  position: bigint,
): Promise<void> {
  const { sql, sha256, checkpointStream } = taking;
  const from = { size: head.range.size, position: head.position };
  const leaves = columnsOf(['index', 'hash', 'id', 'position', 'recordedAt', 'bytes'] as const);
  const nodes = columnsOf(['level', 'index', 'hash'] as const);
  for (const event of events) {
    const bytes = storedBytes(event);
    const hash = leafHash(sha256, bytes);
    const { id, position: place, recordedAt } = event;
    leaves.add({ index: head.range.size, hash, id, position: String(place), recordedAt, bytes });
    head.range.append(hash, ({ level, index }, of) => {
      if (level > 0 && level % tileLevels === 0) nodes.add({ level, index, hash: of });
    });
    if (event.stream !== checkpointStream) head.causeSize = head.range.size;
  }
  await inTransaction(sql, async () => {
    const { rowCount } = await sql.query({
      name: 'proof-advance',
      text: `update proof.log set position = $1, size = $2, cause_size = $3
             where size = $4 and position is not distinct from $5`,
      values: [position, head.range.size, head.causeSize, from.size, from.position ?? null],
    });
    if (rowCount !== 1) throw new CheckpointMoved('somebody else writes the tree of the log');
    if (events.length > 0) await insert(sql, leaves.columns, nodes.columns);
    await saveCheckpoints(sql, checkpointsIn(events, checkpointStream));
  });
  head.position = position;
}

type Column = unknown[];

function columnsOf<Name extends string>(names: readonly Name[]) {
  const columns = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Column>;
  const add = (row: Record<Name, unknown>) => {
    for (const name of names) columns[name].push(row[name]);
  };
  return { columns, add };
}

async function insert(
  sql: ClientBase,
  leaves: Record<'index' | 'hash' | 'id' | 'position' | 'recordedAt' | 'bytes', Column>,
  nodes: Record<'level' | 'index' | 'hash', Column>,
): Promise<void> {
  await sql.query({
    name: 'proof-leaves',
    text: `insert into proof.leaf (index, hash, event_id, position, recorded_at)
           select * from unnest($1::bigint[], $2::bytea[], $3::uuid[], $4::bigint[], $5::timestamptz[])`,
    values: [leaves.index, leaves.hash, leaves.id, leaves.position, leaves.recordedAt],
  });
  await sql.query({
    name: 'proof-stored-events',
    text: 'insert into proof.stored_event (index, bytes) select * from unnest($1::bigint[], $2::bytea[])',
    values: [leaves.index, leaves.bytes],
  });
  if (nodes.level.length === 0) return;
  await sql.query({
    name: 'proof-nodes',
    text: `insert into proof.node (level, index, hash)
           select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])`,
    values: [nodes.level, nodes.index, nodes.hash],
  });
}
