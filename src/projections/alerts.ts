import type { AlertLevel, AlertName } from '../domain/alert/events.ts';
import type { Projection } from './projection.ts';
import type { ReadModels } from './read-models.ts';

type Alerts = {
  alerts: {
    name: AlertName;
    level: AlertLevel | null;
    value: number;
    threshold: number | null;
    raised_at: string;
    changed_at: string;
    cleared_at: string | null;
    position: string;
  };
};

/** How each alert stands; one that was never raised has no row. */
export const alerts: Projection<Alerts> = {
  name: 'alerts',
  version: 1,
  keys: { alerts: ['name'] },
  schema: `create table alerts (
    name text primary key,
    level text,
    value double precision not null,
    threshold double precision,
    raised_at timestamptz not null,
    changed_at timestamptz not null,
    cleared_at timestamptz,
    position bigint not null)`,
  indexes: '',
  on: {
    AlertRaised: (writes, { position, event: { data } }) => {
      const { name, level, value, threshold, at } = data;
      writes.insert('alerts', {
        ...{ name, level, value, threshold, raised_at: at, changed_at: at, cleared_at: null },
        position: String(position),
      });
    },
    AlertCleared: (writes, { position, event: { data } }) => {
      const { name, value, raisedAt, at } = data;
      writes.insert('alerts', {
        ...{ name, level: null, value, threshold: null, raised_at: raisedAt, changed_at: at, cleared_at: at },
        position: String(position),
      });
    },
  },
};

export interface Alert {
  readonly name: AlertName;
  /** `null` once it is cleared. */
  readonly level: AlertLevel | null;
  /** As it was when the level changed: a count, or a share of 1. */
  readonly value: number;
  readonly threshold: number | null;
  /** Of the level that it has or had last. */
  readonly raisedAt: string;
  readonly clearedAt: string | null;
}

interface AlertRow extends Pick<Alert, 'name' | 'level' | 'value' | 'threshold'> {
  raised_at: Date;
  cleared_at: Date | null;
}

/** Those that are raised first, the newest of them first. */
export async function alertsNow(pool: ReadModels): Promise<Alert[]> {
  const { rows } = await pool.query<AlertRow>(
    `select name, level, value, threshold, raised_at, cleared_at from read_model.alerts
     order by (level is null), changed_at desc`,
  );
  return rows.map(({ raised_at, cleared_at, ...plain }) => ({
    ...plain,
    raisedAt: raised_at.toISOString(),
    clearedAt: cleared_at?.toISOString() ?? null,
  }));
}
