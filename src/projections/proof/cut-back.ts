import type { ClientBase } from 'pg';
import type { CheckpointCosigned, CheckpointSigned } from '../../domain/audit-checkpoint/events.ts';
import { rawOf } from './compare.ts';

type CheckpointEvent = CheckpointSigned | CheckpointCosigned;

/** What the bytes of a leaf begin with: the length of the type, and the type. */
const beginningWith = (type: CheckpointEvent['type']) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type)]);
};
const signed = beginningWith('CheckpointSigned');
const cosigned = beginningWith('CheckpointCosigned');
const begins = (beginning: string) => `substr(bytes, 1, length(${beginning})) = ${beginning}`;

/**
 * The tree as it was when the log ended at `head`; answers whether it was ahead of it. It is not made again from the
 * log: the store may have let go of events whose bytes only the tree has.
 */
export async function cutBack(sql: ClientBase, head: bigint): Promise<boolean> {
  const { rows } = await sql.query<{ size: string }>(
    `select (select coalesce(max(index) + 1, 0) from proof.leaf where position <= $1) as size
     from proof.log where position > $1`,
    [head],
  );
  const [log] = rows;
  if (log === undefined) return false;
  const size = Number(log.size);
  await forgetCheckpoints(sql, size);
  await sql.query('delete from proof.leaf where index >= $1', [size]);
  await sql.query('delete from proof.stored_event where index >= $1', [size]);
  await sql.query('delete from proof.node where (index + 1) * (1::bigint << level) > $1', [size]);
  await sql.query(
    `update proof.log set position = (select max(position) from proof.leaf), size = $1,
       cause_size = coalesce((select index + 1 from proof.stored_event
         where not (${begins('$2::bytea')} or ${begins('$3::bytea')}) order by index desc limit 1), 0),
       checked_size = 0, wrong_in_pass = false, wrong_in_last_pass = false, signing_refused = false`,
    [size, signed, cosigned],
  );
  return true;
}

/** Those whose events the log lacks now, wherever their tree ends. */
async function forgetCheckpoints(sql: ClientBase, size: number): Promise<void> {
  const { rows } = await sql.query<{ bytes: Buffer }>(
    `select bytes from proof.stored_event where index >= $1 and (${begins('$2::bytea')} or ${begins('$3::bytea')})`,
    [size, signed, cosigned],
  );
  for (const { bytes } of rows) {
    const raw = rawOf(bytes);
    if (raw === undefined) continue;
    const event = { type: raw.type, data: JSON.parse(Buffer.from(raw.data).toString()) as unknown } as CheckpointEvent;
    if (event.type === 'CheckpointSigned')
      await sql.query('delete from proof.checkpoint where size = $1', [event.data.size]);
    else {
      const { size: of, line } = event.data;
      await sql.query('delete from proof.cosignature where size = $1 and line = $2', [of, line]);
    }
  }
  await sql.query('delete from proof.checkpoint where size > $1', [size]);
  await sql.query('delete from proof.cosignature where size > $1', [size]);
}
