import type { ClientBase } from 'pg';
import type { PlacedEvent } from '../../application/ports.ts';
import type { CheckpointCosigned, CheckpointSigned } from '../../domain/audit-checkpoint/events.ts';
import type { ReadModels } from '../read-models.ts';

export interface CheckpointRow {
  readonly size: number;
  /** Base64. */
  readonly rootHash: string;
  /** With the cosignatures of witnesses that came since. */
  readonly note: string;
  readonly signedAt: string;
  /** In the stream of the checkpoints. */
  readonly revision: bigint;
}

type CheckpointEvent = (CheckpointSigned | CheckpointCosigned) & { readonly revision: bigint };

export function checkpointsIn(events: readonly PlacedEvent[], stream: string): CheckpointEvent[] {
  return events.flatMap((event) => {
    const { type, revision } = event;
    if (event.stream !== stream || (type !== 'CheckpointSigned' && type !== 'CheckpointCosigned')) return [];
    const data: unknown = JSON.parse(Buffer.from(event.data).toString());
    return [{ type, data, revision } as CheckpointEvent];
  });
}

export async function saveCheckpoints(sql: ClientBase, events: readonly CheckpointEvent[]): Promise<void> {
  for (const { type, data, revision } of events) {
    if (type === 'CheckpointSigned') {
      await sql.query(
        `insert into proof.checkpoint (size, root_hash, note, signed_at, revision) values ($1, $2, $3, $4, $5)
         on conflict (size) do nothing`,
        [data.size, data.rootHash, data.note, data.at, revision],
      );
    } else {
      await sql.query(
        'insert into proof.cosignature (size, line, witness) values ($1, $2, $3) on conflict do nothing',
        [data.size, data.line, data.witness],
      );
    }
  }
}

interface StoredRow {
  size: string;
  root_hash: string;
  note: string;
  signed_at: Date;
  revision: string;
  lines: string[];
}

const select = `select c.*, array(select line from proof.cosignature s where s.size = c.size order by line) as lines
  from proof.checkpoint c`;

/** The newest first, those below a size. */
export async function checkpointRows(sql: ReadModels, below: number | undefined, limit: number) {
  const { rows } = await sql.query<StoredRow>({
    name: 'proof-checkpoints',
    text: `${select} where $1::bigint is null or c.size < $1 order by c.size desc limit $2`,
    values: [below ?? null, limit],
  });
  return rows.map(checkpointOf);
}

const checkpointOf = ({ size, root_hash, note, signed_at, revision, lines }: StoredRow): CheckpointRow => ({
  size: Number(size),
  rootHash: root_hash,
  note: note + lines.map((line) => `${line}\n`).join(''),
  signedAt: signed_at.toISOString(),
  revision: BigInt(revision),
});
