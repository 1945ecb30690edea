import type { ClientBase } from 'pg';

export interface Fingerprint {
  readonly table: string;
  readonly rows: number;
  /** A sum over all rows, so that their order does not matter. */
  readonly checksum: string;
}

export async function fingerprints(sql: ClientBase, schema: string, tables: readonly string[]): Promise<Fingerprint[]> {
  const found: Fingerprint[] = [];
  for (const table of tables) {
    const { rows } = await sql.query<{ rows: string; checksum: string }>(
      `select count(*) as rows, coalesce(sum(hash_record_extended(t, 0)), 0)::text as checksum from ${schema}.${table} t`,
    );
    found.push({ table, rows: Number(rows[0]?.rows), checksum: rows[0]?.checksum ?? '0' });
  }
  return found;
}

export async function existingTables(sql: ClientBase, schema: string, tables: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(
    'select table_name as name from information_schema.tables where table_schema = $1 and table_name = any($2)',
    [schema, tables],
  );
  return rows.map(({ name }) => name);
}
