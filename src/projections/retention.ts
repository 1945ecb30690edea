import type { RetentionProgress, RetentionTables } from '../application/retention.ts';
import type { EventType } from '../domain/events.ts';
import type { TechnicalCategory } from '../domain/retention/events.ts';
import type { ReadModels } from './read-models.ts';

/** After these, nothing is decided on the stream any more but that it is over. */
const endings: Readonly<Record<TechnicalCategory, readonly EventType[]>> = {
  email: ['EmailSent', 'EmailRejected', 'EmailDropped'],
  geo_check: ['GeoCheckCompleted'],
};

interface ProgressRow {
  days: number | null;
  position: string | null;
  reached: string | null;
}

const positionIn = (text: string | null) => (text === null ? undefined : BigInt(text));

export function retentionTables(sql: ReadModels): RetentionTables {
  return {
    progress: async (category) => {
      const { rows } = await sql.query<ProgressRow>(
        'select days, position, reached from engine.retention where category = $1',
        [category],
      );
      const [row] = rows;
      return row && { days: row.days, position: positionIn(row.position), reached: positionIn(row.reached) };
    },

    save: async (category, { days, position, reached }: RetentionProgress) => {
      await sql.query(
        `insert into engine.retention (category, days, position, reached) values ($1, $2, $3, $4)
         on conflict (category) do update set days = $2, position = $3, reached = $4`,
        [category, days, position ?? null, reached ?? null],
      );
    },

    ended: async ({ category, after, before, orUpTo, limit }) => {
      const { rows } = await sql.query<{ stream: string; position: string }>(
        `select stream, position from read_model.audit_log
         where type = any($1) and position > $2 and (recorded_at < $3 or position <= $4)
           and position <= (select l.position from proof.checkpoint c join proof.leaf l on l.index = c.size - 1
             order by c.size desc limit 1)
         order by position limit $5`,
        [endings[category], after ?? -1n, before ?? null, orUpTo ?? null, limit],
      );
      return rows.map(({ stream, position }) => ({ stream, position: BigInt(position) }));
    },

    keepTimes: async (streams) => {
      await sql.query(
        `update proof.leaf l set recorded_at = a.recorded_at from read_model.audit_log a
         where a.stream = any($1) and l.position = a.position and l.recorded_at is null`,
        [streams],
      );
    },
  };
}
