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

async function changeEvent(store: Pool, row: StoredRow): Promise<Tampering> {
  const data = Buffer.from(row.data);
  const last = data.lastIndexOf('"at":"') + 8;
  data[last] = (data[last] ?? 0) ^ 1;
  await store.query('update event_store.event set data = $2 where pos = $1', [row.pos, data]);
  const undo = () => store.query('update event_store.event set data = $2 where pos = $1', [row.pos, row.data]);
  return { mismatch: 'event-changed', names: `${placeOf(row)} is not in the store as it was proven`, undo };
}

async function deleteEvent(store: Pool, row: StoredRow): Promise<Tampering> {
  await store.query('delete from event_store.event where pos = $1', [row.pos]);
  return {
    mismatch: 'event-missing',
    names: `${placeOf(row)} is not in the store any more`,
    undo: () => putBack(store, row),
  };
}

/** In a place that the tree has passed and that no event of the installation has. */
async function insertEvent(store: Pool, like: StoredRow, position: string, id: string): Promise<Tampering> {
  const inserted = { ...like, pos: position, rev: String(Number(like.rev) + 1000), id };
  await putBack(store, inserted);
  return {
    mismatch: 'event-inserted',
    names: `${placeOf(inserted)} stands in the store`,
    undo: () => store.query('delete from event_store.event where pos = $1', [position]),
  };
}

async function changeRow(pool: Pool, row: StoredRow): Promise<Tampering> {
  const set = (type: string) =>
    pool.query('update read_model.audit_log set type = $2 where event_id = $1', [row.id, type]);
  await set('LoginDenied');
  return { mismatch: 'row-changed', names: `type of ${placeOf(row)}`, undo: () => set(row.type) };
}

async function deleteRow(pool: Pool, row: StoredRow): Promise<Tampering> {
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

async function insertRow(pool: Pool, row: StoredRow, position: string, id: string): Promise<Tampering> {
  await pool.query(
    `insert into read_model.audit_log select (jsonb_populate_record(r, jsonb_build_object(
       'event_id', $2::text, 'position', $3::bigint))).* from read_model.audit_log r where event_id = $1`,
    [row.id, id, position],
  );
  const undo = () => pool.query('delete from read_model.audit_log where event_id = $1', [id]);
  return { mismatch: 'row-inserted', names: `the row of event ${id}`, undo };
}

async function changeLeaf(pool: Pool, row: StoredRow): Promise<Tampering> {
  const turn = () =>
    pool.query(`update proof.leaf set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where event_id = $1`, [row.id]);
  await turn();
  return { mismatch: 'proof-changed', names: placeOf(row), undo: turn };
}

async function changeNode(pool: Pool, index: number): Promise<Tampering> {
  const turn = () =>
    pool.query(`update proof.node set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where level = 8 and index = $1`, [
      index,
    ]);
  await turn();
  return { mismatch: 'proof-changed', names: `node ${index} of level 8 was changed`, undo: turn };
}

/** In a read model that no proof covers: only a replay shows it. */
async function changeUser(tables: Pool): Promise<Tampering> {
  const { rows } = await tables.query<{ user_id: string; status: string }>(
    `select user_id, status from read_model.users order by user_id
     offset (select count(*) / 2 from read_model.users) limit 1`,
  );
  const set = (status: string | undefined) =>
    tables.query('update read_model.users set status = $2 where user_id = $1', [rows[0]?.user_id, status]);
  await set('locked');
  return { mismatch: '  users', names: `"${String(rows[0]?.user_id)}"} different`, undo: () => set(rows[0]?.status) };
}

interface Planting {
  readonly store: Pool;
  readonly tables: Pool;
  /** What is taken for each, one after the other. */
  readonly rows: readonly StoredRow[];
  /** Positions that no event has. */
  readonly free: { readonly event: string; readonly row: string };
  /** Of the tree, at its level 8. */
  readonly node: number;
  readonly newId: () => string;
}

/** One of each kind. */
export async function plant({ store, tables, rows, free, node, newId }: Planting): Promise<Tampering[]> {
  const row = (number: number): StoredRow => {
    const found = rows[number];
    if (found === undefined) throw new Error(`${rows.length} rows are too few.`);
    return found;
  };
  return [
    await changeEvent(store, row(0)),
    await deleteEvent(store, row(1)),
    await insertEvent(store, row(2), free.event, newId()),
    await changeRow(tables, row(3)),
    await deleteRow(tables, row(4)),
    await insertRow(tables, row(5), free.row, newId()),
    await changeLeaf(tables, row(6)),
    await changeNode(tables, node),
    await changeUser(tables),
  ];
}
