export interface AuditFilter {
  readonly team?: string | undefined;
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  readonly type?: readonly string[] | undefined;
  readonly session?: string | undefined;
  readonly device?: string | undefined;
  readonly stream?: string | undefined;
  /** Everything that followed from one request. */
  readonly correlation?: string | undefined;
  /** What directly followed from one request or event. */
  readonly causation?: string | undefined;
  /** As `ClientAddresses.hashesOf` gives them for an address. */
  readonly ipHashes?: readonly string[] | undefined;
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
  session: 'session_id',
  device: 'device_id',
  stream: 'stream',
  correlation: 'correlation_id',
  causation: 'causation_id',
} as const;

/** What entries are made of: without what is only searched by. */
const entryColumns = [
  ...['event_id', 'position', 'stream', 'revision', 'type', 'occurred_at', 'actor_kind', 'actor_id', 'subject_id'],
  ...['team_id', 'session_id', 'device_id', 'request_id', 'correlation_id', 'causation_id', 'data'],
  ...['sealed_subject', 'sealed_data', 'sealed_client'],
]
  .map((column) => `a.${column}`)
  .join(', ');

/** How far the time of an event and its place in the log may be apart. */
const clockSlack = `interval '1 hour'`;

interface Window {
  readonly order: AuditOrder;
  readonly after: string | undefined;
  readonly limit: number;
  /** As `rangeSelect` finds it for a filter by time. */
  readonly range?: LogRange | undefined;
}

/** Nothing that is looked for is before the one or after the other; `null` where nothing is known. */
export interface LogRange {
  readonly least: string | null;
  readonly most: string | null;
}

/**
 * Times are turned into positions first, so that a window far back is found without walking there. It is a statement of
 * its own: with the positions at hand Postgres knows how much of the log they leave, and which index leads to the fewest.
 */
export const rangeSelect = ({ from, to }: Pick<AuditFilter, 'from' | 'to'>) => ({
  name: 'audit-range',
  text: `select
    (select position from read_model.audit_log
     where occurred_at < $1::timestamptz - ${clockSlack} order by occurred_at desc limit 1) as least,
    (select position from read_model.audit_log
     where occurred_at > $2::timestamptz + ${clockSlack} order by occurred_at limit 1) as most`,
  values: [from ?? null, to ?? null],
});

/**
 * Every branch walks one index in the order of the log and stops at the limit, so the cost does not grow with the log;
 * an `or` over the same conditions would sort all that match.
 */
export function auditSelect(filter: AuditFilter, visibleTo: Visibility, window: Window) {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${String(values.push(value))}`;
  const order = `order by position ${window.order === 'newest-first' ? 'desc' : 'asc'} limit ${parameter(window.limit)}`;
  const conditions = [...filterConditions(filter, parameter), ...windowConditions(filter, window, parameter)];
  const branches = ways(filter, visibleTo, parameter).map(({ each, where }) => {
    const entries = `(select ${entryColumns} from read_model.audit_log a where ${[...where, ...conditions].join(' and ')} ${order})`;
    return each === undefined ? entries : `(select e.* from ${each} cross join lateral ${entries} e)`;
  });
  const [only] = branches;
  if (branches.length === 1 && only?.startsWith('(select a.')) return { text: only, values };
  const text = `select * from (
      select distinct on (event_id) * from (${branches.join(' union all ')}) visible order by event_id
    ) entries ${order}`;
  return { text, values };
}

/** One walk along an index; with `each`, one for every row of that. */
interface Way {
  readonly each?: string;
  readonly where: readonly string[];
}

function ways({ type = [], ipHashes }: AuditFilter, visibleTo: Visibility, parameter: Parameter): Way[] {
  if (ipHashes !== undefined) {
    // Few events are from one address: they are found by it, and the rest is looked at one by one.
    const each = `unnest(${parameter(ipHashes)}::text[]) as address (hash)`;
    return [
      {
        each,
        where: ['a.ip_hash = address.hash', visibleCondition(visibleTo, parameter), ...ofTypes(type, parameter)],
      },
    ];
  }
  if (visibleTo === 'all') {
    if (type.length === 0) return [{ where: ['true'] }];
    if (type.length === 1) return [{ where: [`a.type = ${parameter(type[0])}`] }];
    return [{ each: `unnest(${parameter(type)}::text[]) as wanted (type)`, where: ['a.type = wanted.type'] }];
  }
  const types = ofTypes(type, parameter);
  const user = parameter(visibleTo.userId);
  return [
    {
      each: `unnest(${parameter(visibleTo.teamIds)}::uuid[]) as team (id)`,
      where: ['a.team_id = team.id', ...types],
    },
    { where: [`a.subject_id = ${user}`, ...types] },
    { where: [`a.actor_id = ${user}`, ...types] },
  ];
}

const ofTypes = (type: readonly string[], parameter: Parameter): string[] =>
  type.length === 0 ? [] : [`a.type = any(${parameter(type)}::text[])`];

/** For entries that are found some other way. */
export function visibleCondition(visibleTo: Visibility, parameter: Parameter): string {
  if (visibleTo === 'all') return 'true';
  const user = parameter(visibleTo.userId);
  return `(a.team_id = any(${parameter(visibleTo.teamIds)}::uuid[]) or a.subject_id = ${user} or a.actor_id = ${user})`;
}

type Parameter = (value: unknown) => string;

function filterConditions(filter: AuditFilter, parameter: Parameter): string[] {
  return Object.entries(filterColumns).flatMap(([name, column]) => {
    const wanted = filter[name as keyof typeof filterColumns];
    return wanted === undefined ? [] : [`a.${column} = ${parameter(wanted)}`];
  });
}

function windowConditions({ from, to }: AuditFilter, { order, after, range }: Window, parameter: Parameter): string[] {
  const conditions: string[] = [];
  if (after !== undefined) conditions.push(`a.position ${order === 'newest-first' ? '<' : '>'} ${parameter(after)}`);
  if (from) conditions.push(`a.occurred_at >= ${parameter(from)}`);
  if (to) conditions.push(`a.occurred_at < ${parameter(to)}`);
  const { least = null, most = null } = range ?? {};
  if (least !== null) conditions.push(`a.position >= ${parameter(least)}`);
  if (most !== null) conditions.push(`a.position <= ${parameter(most)}`);
  return conditions;
}
