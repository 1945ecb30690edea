-- The Merkle tree over the log (RFC 6962): made from the log alone, so all of it may be emptied and is made again.
create schema proof;

-- How far the log has been taken in. `cause_size`: the tree's size after the last event that is no checkpoint itself.
create table proof.log (
  singleton boolean primary key default true check (singleton),
  position bigint,
  size bigint not null default 0,
  cause_size bigint not null default 0,
  -- Where the running check of the store goes on.
  checked_size bigint not null default 0
) with (fillfactor = 50);
insert into proof.log default values;

-- One leaf for each event, in the order of the log from 0.
create table proof.leaf (
  index bigint primary key,
  hash bytea not null,
  event_id uuid not null,
  position bigint not null
);
create index leaf_event on proof.leaf (event_id);
create unique index leaf_position on proof.leaf (position);

-- The bytes that a leaf is the hash of.
create table proof.stored_event (
  index bigint primary key,
  bytes bytea not null
);

-- Roots of complete subtrees of 2^8, 2^16, … leaves; those between are computed from one of these rows' 256 children.
create table proof.node (
  level smallint not null,
  index bigint not null,
  hash bytea not null,
  primary key (level, index)
);

create table proof.checkpoint (
  size bigint primary key,
  root_hash text not null,
  note text not null,
  signed_at timestamptz not null,
  revision bigint not null
);

create table proof.cosignature (
  size bigint not null,
  line text not null,
  witness text not null,
  primary key (size, line)
);
