import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { LoadRows } from './load.ts';
import { tablesOf, type Projection, type Row, type Writes } from './projection.ts';

interface Write {
  readonly kind: 'insert' | 'update';
  readonly row: Row;
}

/** Writes by table and key; within one phase their order does not matter. */
type Phase = Map<string, Map<string, Write>>;

export interface CollectedWrites extends Writes {
  /** `load` is tried first for rows that are inserted. */
  flush(sql: ClientBase, load?: LoadRows): Promise<void>;
}

/** Merges the writes of a batch by key, and sends them as few multi-row statements. */
export function collectWrites(projection: Projection): CollectedWrites {
  let phases: Phase[] = [];

  const add = (table: string, key: Row, write: Write) => {
    const keyText = keyOf(projection, table, key);
    const writes = (phases.at(-1) ?? newPhase(phases)).get(table);
    const earlier = writes?.get(keyText);
    if (earlier && mustFollow(projection, table, earlier, write)) newPhase(phases).get(table)?.set(keyText, write);
    else writes?.set(keyText, earlier ? merge(projection, table, earlier, write) : write);
  };
  const newPhase = (started: Phase[]): Phase => {
    const phase: Phase = new Map(tablesOf(projection).map((table) => [table, new Map<string, Write>()]));
    started.push(phase);
    return phase;
  };

  return {
    insert: (table, row) => {
      add(table, row, { kind: 'insert', row });
    },
    update: (table, key, changes) => {
      add(table, key, { kind: 'update', row: { ...key, ...changes } });
    },
    flush: async (sql, load) => {
      const flushed = phases;
      phases = [];
      for (const phase of flushed) {
        for (const [table, writes] of phase) await flushTable({ sql, projection, table, load }, writes);
      }
    },
  };
}

function keyOf(projection: Projection, table: string, row: Row): string {
  const columns = projection.keys[table];
  if (!columns) throw new Error(`${projection.name} has no table ${table}`);
  return columns.map((column) => String(row[column])).join(' ');
}

/** Only the database knows whether an update hits a row, and whether a column to keep has a value already. */
function mustFollow(projection: Projection, table: string, earlier: Write, later: Write): boolean {
  if (later.kind === 'insert') return earlier.kind === 'update';
  return earlier.kind === 'insert' && (projection.keep?.[table] ?? []).some((column) => column in later.row);
}

function merge(projection: Projection, table: string, earlier: Write, later: Write): Write {
  const row: Record<string, unknown> = { ...earlier.row, ...later.row };
  if (later.kind === 'insert') {
    for (const column of projection.keep?.[table] ?? []) row[column] = earlier.row[column] ?? row[column];
  }
  return { kind: earlier.kind, row };
}

interface Flushing {
  readonly sql: ClientBase;
  readonly projection: Projection;
  readonly table: string;
  readonly load: LoadRows | undefined;
}

async function flushTable({ sql, projection, table, load }: Flushing, writes: Map<string, Write>) {
  const groups = new Map<string, { write: Write; rows: Row[] }>();
  for (const write of writes.values()) {
    const shape = `${write.kind} ${Object.keys(write.row).join(' ')}`;
    const group = groups.get(shape);
    if (group) group.rows.push(write.row);
    else groups.set(shape, { write, rows: [write.row] });
  }
  for (const { write, rows } of groups.values()) {
    if (write.kind === 'insert' && (await load?.(table, Object.keys(write.row), rows))) continue;
    const text =
      write.kind === 'insert' ? insertText(projection, table, write.row) : updateText(projection, table, write.row);
    await sql.query({ name: statementName(text), text, values: [JSON.stringify(rows)] });
  }
}

function insertText(projection: Projection, table: string, row: Row): string {
  const columns = Object.keys(row);
  const keys = projection.keys[table] ?? [];
  const kept = projection.keep?.[table] ?? [];
  const set = columns
    .filter((column) => !keys.includes(column))
    .map((column) =>
      kept.includes(column)
        ? `${column} = coalesce(${table}.${column}, excluded.${column})`
        : `${column} = excluded.${column}`,
    );
  return `insert into ${table} (${columns.join(', ')})
    select ${columns.join(', ')} from json_populate_recordset(null::${table}, $1::json)
    on conflict (${keys.join(', ')}) do ${set.length > 0 ? `update set ${set.join(', ')}` : 'nothing'}`;
}

function updateText(projection: Projection, table: string, row: Row): string {
  const keys = projection.keys[table] ?? [];
  const set = Object.keys(row).filter((column) => !keys.includes(column));
  return `update ${table} set ${set.map((column) => `${column} = changed.${column}`).join(', ')}
    from json_populate_recordset(null::${table}, $1::json) changed
    where ${keys.map((column) => `${table}.${column} = changed.${column}`).join(' and ')}`;
}

/** Equal statements are parsed and planned once for a connection. */
const statementName = (text: string) => createHash('sha1').update(text).digest('hex');
