import pg from 'pg';
import type { Installation } from '../service.ts';
import { mark } from './random.ts';

interface Copying {
  /** On how many people there shall be for each that there is. */
  readonly times: number;
  readonly signal: AbortSignal;
}

interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

interface Column {
  readonly name: string;
  readonly type: string;
}

/** The copy's number takes four hexadecimal digits of an id. */
const mostCopies = 0xffff;
const vaultTables = ['vault.subject_keys', 'vault.client_addresses'];

/**
 * Copies generated people, who are in the log and in the read models, until there are so many times as many: each row
 * of theirs with ids of its own and the next positions, in the event store, the vault and the read models. So a million
 * come in minutes, and are what the service would make of their events. What is sealed is copied as it is and can only
 * be opened for the first of them. The proofs begin after them. Nobody writes meanwhile, and the event store's server
 * is to begin anew before it is asked for them.
 */
export async function copyPeople(
  { databaseUrl, eventStoreDatabaseUrl, settings }: Installation,
  copying: Copying,
): Promise<void> {
  if (copying.times > mostCopies) throw new Error(`People cannot be copied more than ${mostCopies} times.`);
  const prefix = settings['STREAM_PREFIX'] ?? '';
  const [log, own] = [await connected(eventStoreDatabaseUrl), await connected(databaseUrl)];
  try {
    const span = await spanOf(log, prefix);
    const [events] = await tablesIn(log, `table_schema = 'event_store' and table_name = 'event'`);
    if (events === undefined) throw new Error('There is no log.');
    const copyAll = async () => {
      for (const table of await tablesOfService(own)) await copyTable(own, table, span, copying);
    };
    await Promise.all([copyTable(log, events, span, copying), copyAll()]);
    await credentials(own);
    await goOnAfter(own, span, copying.times);
  } finally {
    await Promise.all([log.end(), own.end()]);
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`set synchronous_commit = off; set maintenance_work_mem = '512MB'; set work_mem = '64MB'`);
  return client;
}

interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

/** The positions of the generated people, which nobody else's are among. */
async function spanOf(log: pg.Client, prefix: string): Promise<Span> {
  const { rows } = await log.query<{ first: string; last: string; head: string; count: string }>(
    `select min(pos) as first, max(pos) as last, count(*) as count,
       (select max(pos) from event_store.event) as head
     from event_store.event where starts_with(stream, $1) and stream like $2`,
    [prefix, `%${mark}`],
  );
  const { first, last, head, count } = rows[0] ?? {};
  if (first == null || last == null) throw new Error('There are no generated people.');
  const span = { first: BigInt(first), last: BigInt(last) };
  if (last !== head || BigInt(count ?? 0) !== lengthOf(span)) throw new Error('Others wrote after or among them.');
  return span;
}

const lengthOf = ({ first, last }: Span): bigint => last - first + 1n;

async function tablesOfService(own: pg.Client): Promise<Table[]> {
  const vault = vaultTables.map((name) => `'${name}'`).join(', ');
  return tablesIn(
    own,
    `table_schema in (select schema from engine.projection_checkpoint where active)
       or table_schema || '.' || table_name in (${vault})`,
  );
}

async function tablesIn(client: pg.Client, where: string): Promise<Table[]> {
  const { rows } = await client.query<{ table: string; columns: Column[] }>(
    `select format('%I.%I', table_schema, table_name) as table,
       json_agg(json_build_object('name', column_name, 'type', data_type) order by ordinal_position) as columns
     from information_schema.columns where ${where} group by table_schema, table_name order by 1`,
  );
  return rows.map(({ table, columns }) => ({ name: table, columns }));
}

/** Indexes are made after all rows are in: that takes a fraction of the time. */
async function copyTable(client: pg.Client, table: Table, span: Span, { times, signal }: Copying): Promise<void> {
  const { name } = table;
  await client.query(`create temporary table original as select * from ${name} as t where ${isGenerated(table)}`);
  const { rows } = await client.query('select from original limit 1');
  if (rows.length > 0) {
    const indexes = await withoutIndexes(client, name);
    const insert = `insert into ${name} select ${table.columns.map(copied).join(', ')} from original`;
    const length = lengthOf(span);
    for (let copy = 1; copy < times; copy += 1) {
      signal.throwIfAborted();
      const own = mark.slice(0, -4) + copy.toString(16).padStart(4, '0');
      await client.query(insert.replaceAll('$mark', `'${own}'`).replaceAll('$moved', String(BigInt(copy) * length)));
    }
    for (const make of indexes) {
      signal.throwIfAborted();
      await client.query(make);
    }
    await client.query(`vacuum (analyze) ${name}`);
  }
  await client.query('drop table original');
}

/** The event store's columns are bytes; of all others it is enough to look at the row. */
const isGenerated = ({ name }: Table): string =>
  name === 'event_store.event' ? `stream like '%${mark}'` : `t::text like '%${mark}%'`;

/** What makes the value of a copy from that of the original. */
function copied({ name, type }: Column): string {
  const column = `"${name}"`;
  const marked = (text: string) => `replace(${text}, '${mark}', $mark)`;
  if (type === 'bigint' && (name === 'pos' || name === 'position')) return `${column} + $moved`;
  if (type === 'text') return marked(column);
  if (type === 'uuid' || type === 'jsonb') return `${marked(`${column}::text`)}::${type}`;
  if (type === 'bytea' && (name === 'data' || name === 'meta')) {
    return `convert_to(${marked(`convert_from(${column}, 'UTF8')`)}, 'UTF8')`;
  }
  return column;
}

/** Drops them; answers the statements that make them again. */
async function withoutIndexes(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; make: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
       format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as make
     from pg_constraint where conrelid = $1::regclass and contype in ('p', 'u')
     union all
     select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
     from pg_index where indrelid = $1::regclass
       and not exists (select from pg_constraint where conindid = indexrelid)`,
    [table],
  );
  for (const { drop } of rows) await client.query(drop);
  return rows.map(({ make }) => make);
}

/** Everybody has a password, which nobody knows. */
const credentials = (own: pg.Client) =>
  own.query(
    `insert into vault.credentials (credential_id, user_id, scheme, pepper_version, hash, created_at)
     select (submitted.data->>'credentialId')::uuid, submitted.subject_id, known.scheme, known.pepper_version,
       known.hash, submitted.occurred_at
     from read_model.audit_log submitted, (select * from vault.credentials limit 1) known
     where submitted.type = 'RegistrationSubmitted' and submitted.data ? 'credentialId'
     on conflict do nothing`,
  );

/** What follows the log has all of them behind it. */
async function goOnAfter(own: pg.Client, span: Span, times: number): Promise<void> {
  const moved = lengthOf(span) * BigInt(times - 1);
  const head = span.last + moved;
  await own.query(
    `update engine.projection_checkpoint set position = $1,
       event_position = case when event_position >= $2 then event_position + $3 else event_position end where active`,
    [head, span.first, moved],
  );
  await own.query('update engine.reaction_checkpoint set position = $1 where position is not null', [head]);
  await own.query('update proof.log set position = $1', [head]);
}
