import type { Pool } from 'pg';

/** Places by chance in a log of so many events. */
export function placesIn(tables: Pool, size: number, random: () => number) {
  async function somePositions(count: number): Promise<string[]> {
    const { rows } = await tables.query<{ position: string }>(
      'select position from proof.leaf where index = any($1::bigint[]) order by index',
      [Array.from({ length: count }, () => Math.floor(random() * size))],
    );
    return rows.map(({ position }) => position);
  }

  /** From when some event happened on. */
  async function someTime(hours: number): Promise<string> {
    const { rows } = await tables.query<{ occurred_at: Date }>(
      'select occurred_at from read_model.audit_log where position = $1',
      await somePositions(1),
    );
    const from = rows[0]?.occurred_at.getTime() ?? 0;
    return `from=${new Date(from).toISOString()}&to=${new Date(from + hours * 3_600_000).toISOString()}`;
  }

  return { somePositions, someTime };
}
