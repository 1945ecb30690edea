-- What the projection engine knows about itself (engine), and the stable names that queries read (read_model).
-- The tables behind those names live in one schema per build, rm_<name>_v<version>[_b<build>], made by the engine.

create schema engine;
create schema read_model;

create sequence engine.build_number;

create table engine.projection_checkpoint (
  schema text primary key,
  name text not null,
  version integer not null,
  -- The build that the views point to; the others are being built beside it.
  active boolean not null,
  -- Everything up to here is in the tables; null before the first event. A commit position of the log, never a time.
  position bigint,
  -- The last event among those: positions that a filter has merely passed move `position` alone.
  event_position bigint,
  status text not null check (status in ('catching-up', 'live', 'failing', 'building')),
  parked integer not null default 0,
  updated_at timestamptz not null default now()
) with (fillfactor = 50);

create unique index projection_checkpoint_active on engine.projection_checkpoint (name) where active;

create table engine.parked_event (
  schema text not null references engine.projection_checkpoint (schema) on delete cascade,
  projection text not null,
  version integer not null,
  stream text not null,
  revision bigint not null,
  position bigint not null,
  event_id uuid not null,
  type text not null,
  -- 'behind': a good event whose stream has one parked before it, kept in order.
  reason text not null check (reason in ('failed', 'behind')),
  error text not null,
  parked_at timestamptz not null default now(),
  primary key (schema, event_id)
);

create index parked_event_stream on engine.parked_event (schema, stream, position);
