export interface AuditFilter {
  readonly team?: string | undefined;
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  readonly type?: string | undefined;
  readonly session?: string | undefined;
  readonly device?: string | undefined;
  readonly stream?: string | undefined;
  /** Inclusive. */
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly to?: Date | undefined;
}

/** Entries of these teams, and those whose subject or actor is this person; or everything. */
export type Visibility = 'all' | { readonly teamIds: readonly string[]; readonly userId: string };

export type AuditOrder = 'newest-first' | 'oldest-first';

const filterColumns = {
  team: 'team_id',
  actor: 'actor_id',
  subject: 'subject_id',
  type: 'type',
  session: 'session_id',
  device: 'device_id',
  stream: 'stream',
} as const;

/** How far the time of an event and its place in the log may be apart. */
const clockSlack = `interval '1 hour'`;

interface Window {
  readonly order: AuditOrder;
  readonly after: string | undefined;
  readonly limit: number;
}

/**
 * Every branch walks one index in the order of the log and stops at the limit, so the cost does not grow with the log;
 * an `or` over the same conditions would sort all that match.
 */
export function auditSelect(filter: AuditFilter, visibleTo: Visibility, window: Window) {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${String(values.push(value))}`;
  const order = `order by position ${window.order === 'newest-first' ? 'desc' : 'asc'} limit ${parameter(window.limit)}`;
  const conditions = [...filterConditions(filter, parameter), ...windowConditions(filter, window, parameter)];
  const branch = (from: string, condition: string) =>
    `(select a.* from ${from} where ${[condition, ...conditions].join(' and ')} ${order})`;
  const entries = 'read_model.audit_log a';
  if (visibleTo === 'all') return { text: branch(entries, 'true'), values };

  const teams = parameter(visibleTo.teamIds);
  const user = parameter(visibleTo.userId);
  const branches = [
    `(select e.* from unnest(${teams}::uuid[]) as team (id)
      cross join lateral ${branch(entries, 'a.team_id = team.id')} e)`,
    branch(entries, `a.subject_id = ${user}`),
    branch(entries, `a.actor_id = ${user}`),
  ];
  const text = `select * from (
      select distinct on (event_id) * from (${branches.join(' union all ')}) visible order by event_id
    ) entries ${order}`;
  return { text, values };
}

type Parameter = (value: unknown) => string;

function filterConditions(filter: AuditFilter, parameter: Parameter): string[] {
  return Object.entries(filterColumns).flatMap(([name, column]) => {
    const wanted = filter[name as keyof typeof filterColumns];
    return wanted === undefined ? [] : [`a.${column} = ${parameter(wanted)}`];
  });
}

/** Times are turned into positions first, so that a window far back is found without walking there. */
function windowConditions({ from, to }: AuditFilter, { order, after }: Window, parameter: Parameter): string[] {
  const conditions: string[] = [];
  if (after !== undefined) conditions.push(`a.position ${order === 'newest-first' ? '<' : '>'} ${parameter(after)}`);
  if (from) {
    const start = parameter(from);
    conditions.push(`a.occurred_at >= ${start}`);
    conditions.push(`a.position >= coalesce((select position from read_model.audit_log
      where occurred_at < ${start}::timestamptz - ${clockSlack} order by occurred_at desc limit 1), 0)`);
  }
  if (to) {
    const end = parameter(to);
    conditions.push(`a.occurred_at < ${end}`);
    conditions.push(`a.position <= coalesce((select position from read_model.audit_log
      where occurred_at > ${end}::timestamptz + ${clockSlack} order by occurred_at limit 1), 9223372036854775807)`);
  }
  return conditions;
}
