import type { ClientBase } from 'pg';

/** Each statement takes the schema from its index to the next version; they are only ever added to. */
const versions: readonly string[] = [
  `create table event_store.event (
     pos bigint primary key,
     stream text collate "C" not null,
     rev bigint not null,
     id uuid not null,
     type text collate "C" not null,
     is_json bool not null,
     data bytea not null,
     meta bytea not null,
     created timestamptz not null,
     unique (stream, rev)
   );
   create index event_stream_id on event_store.event (stream, id);`,
];

/** Brings the schema to this version; the caller holds the writer's lock, so no other server does the same. */
export async function prepareSchema(client: ClientBase): Promise<void> {
  await client.query('create schema if not exists event_store');
  await client.query('create table if not exists event_store.version (version int primary key)');
  const { rows } = await client.query<{ version: number | null }>(
    'select max(version) as version from event_store.version',
  );
  const current = rows[0]?.version ?? 0;
  if (current > versions.length) {
    throw new Error(`The event store's schema is version ${current}; this server knows ${versions.length}.`);
  }
  for (const [index, statements] of versions.entries()) {
    if (index < current) continue;
    await client.query(`begin; ${statements} insert into event_store.version values (${index + 1}); commit`);
  }
}
