import type { ReadModels } from './read-models.ts';

/** Up to where in the log one looks. */
export interface AsOf {
  readonly position: string;
  /** When the last event up to there was recorded; `null` before the first. */
  readonly at: string | null;
}

const newest = 'select a.position::text, a.recorded_at from read_model.audit_log a';

/** By neither: as the audit log knows it now. By time: up to the last event recorded at or before it. */
export async function asOf(
  pool: ReadModels,
  moment: { position?: bigint | undefined; at?: Date | undefined },
): Promise<AsOf> {
  const { position, at } = moment;
  if (position !== undefined) {
    const { rows } = await pool.query<Row>(`${newest} where a.position <= $1 order by a.position desc limit 1`, [
      position,
    ]);
    return { position: String(position), at: rows[0]?.recorded_at.toISOString() ?? null };
  }
  const { rows } =
    at === undefined
      ? await pool.query<Row>(`${newest} order by a.position desc limit 1`)
      : await pool.query<Row>(
          `${newest} where a.recorded_at <= $1 order by a.recorded_at desc, a.position desc limit 1`,
          [at],
        );
  const [found] = rows;
  return found === undefined
    ? { position: '0', at: null }
    : { position: found.position, at: found.recorded_at.toISOString() };
}

interface Row {
  position: string;
  recorded_at: Date;
}
