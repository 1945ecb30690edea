import type { Pool } from 'pg';

/** A row of the event store, as its tables have it. */
export interface StoredRow {
  readonly pos: string;
  readonly stream: string;
  readonly rev: string;
  readonly id: string;
  readonly type: string;
  readonly is_json: boolean;
  readonly data: Buffer;
  readonly meta: Buffer;
  readonly created: string;
}

export interface Tampering {
  /** What `mbauth audit check` calls it. */
  readonly mismatch: string;
  /** Stands in the line that names it. */
  readonly names: string;
  readonly undo: () => Promise<unknown>;
}

const columns = 'pos, stream, rev, id, type, is_json, data, meta, created';

export async function eventAt(store: Pool, position: string): Promise<StoredRow> {
  // As text, or it would lose its microseconds.
  const { rows } = await store.query<StoredRow>(
    `select pos, stream, rev, id, type, is_json, data, meta, created::text from event_store.event where pos = $1`,
    [position],
  );
  if (!rows[0]) throw new Error(`The store has nothing at ${position}.`);
  return rows[0];
}

const putBack = (store: Pool, row: StoredRow) =>
  store.query(`insert into event_store.event (${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, [
    row.pos,
    row.stream,
    row.rev,
    row.id,
    row.type,
    row.is_json,
    row.data,
    row.meta,
    row.created,
  ]);

const placeOf = ({ type, stream, rev }: StoredRow) => `${type} at ${stream}@${rev}`;

export async function changeEvent(store: Pool, row: StoredRow): Promise<Tampering> {
  const data = Buffer.from(row.data);
  const last = data.lastIndexOf('"at":"') + 8;
  data[last] = (data[last] ?? 0) ^ 1;
  await store.query('update event_store.event set data = $2 where pos = $1', [row.pos, data]);
  const undo = () => store.query('update event_store.event set data = $2 where pos = $1', [row.pos, row.data]);
  return { mismatch: 'event-changed', names: `${placeOf(row)} is not in the store as it was proven`, undo };
}

export async function deleteEvent(store: Pool, row: StoredRow): Promise<Tampering> {
  await store.query('delete from event_store.event where pos = $1', [row.pos]);
  return {
    mismatch: 'event-missing',
    names: `${placeOf(row)} is not in the store any more`,
    undo: () => putBack(store, row),
  };
}

/** In a place that the tree has passed and that no event of the installation has. */
export async function insertEvent(store: Pool, like: StoredRow, position: string, id: string): Promise<Tampering> {
  const inserted = { ...like, pos: position, rev: String(Number(like.rev) + 1000), id };
  await putBack(store, inserted);
  return {
    mismatch: 'event-inserted',
    names: `${placeOf(inserted)} stands in the store`,
    undo: () => store.query('delete from event_store.event where pos = $1', [position]),
  };
}

export async function changeRow(pool: Pool, row: StoredRow): Promise<Tampering> {
  const set = (type: string) =>
    pool.query('update read_model.audit_log set type = $2 where event_id = $1', [row.id, type]);
  await set('LoginDenied');
  return { mismatch: 'row-changed', names: `type of ${placeOf(row)}`, undo: () => set(row.type) };
}

export async function deleteRow(pool: Pool, row: StoredRow): Promise<Tampering> {
  const { rows } = await pool.query<{ kept: string }>(
    'delete from read_model.audit_log a where event_id = $1 returning row_to_json(a)::text as kept',
    [row.id],
  );
  const undo = () =>
    pool.query(
      'insert into read_model.audit_log select * from json_populate_record(null::read_model.audit_log, $1::json)',
      [rows[0]?.kept],
    );
  return { mismatch: 'row-missing', names: `the row of ${placeOf(row)} is gone`, undo };
}

export async function insertRow(pool: Pool, row: StoredRow, position: string, id: string): Promise<Tampering> {
  await pool.query(
    `insert into read_model.audit_log select (jsonb_populate_record(r, jsonb_build_object(
       'event_id', $2::text, 'position', $3::bigint))).* from read_model.audit_log r where event_id = $1`,
    [row.id, id, position],
  );
  const undo = () => pool.query('delete from read_model.audit_log where event_id = $1', [id]);
  return { mismatch: 'row-inserted', names: `the row of event ${id}`, undo };
}

export async function changeLeaf(pool: Pool, row: StoredRow): Promise<Tampering> {
  const turn = () =>
    pool.query(`update proof.leaf set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where event_id = $1`, [row.id]);
  await turn();
  return { mismatch: 'proof-changed', names: placeOf(row), undo: turn };
}

export async function changeNode(pool: Pool, index: number): Promise<Tampering> {
  const turn = () =>
    pool.query(`update proof.node set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where level = 8 and index = $1`, [
      index,
    ]);
  await turn();
  return { mismatch: 'proof-changed', names: `node ${index} of level 8 was changed`, undo: turn };
}
