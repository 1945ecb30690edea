-- What must not stand in the log: keys, password hashes, answers that hold tokens.
-- (The schema `service` and its table `migration` are made by the migrator itself.)
create schema vault;

-- One key for each person, wrapped by the master key. A destroyed key leaves its row, so that it is never made again.
create table vault.subject_keys (
  subject text primary key,
  wrapped_key bytea,
  master_key_id text,
  created_at timestamptz not null,
  destroyed_at timestamptz,
  check ((wrapped_key is null) = (destroyed_at is not null)),
  check ((wrapped_key is null) = (master_key_id is null))
);
create index subject_keys_by_master_key on vault.subject_keys (master_key_id) where master_key_id is not null;

-- Keys of the installation by purpose; the highest number is the newest.
create table vault.service_keys (
  purpose text not null,
  number integer not null check (number > 0),
  wrapped_key bytea not null,
  master_key_id text not null,
  public jsonb,
  created_at timestamptz not null,
  retired_at timestamptz,
  primary key (purpose, number)
);

create table vault.credentials (
  credential_id uuid primary key,
  user_id uuid not null,
  scheme text not null,
  pepper_version integer not null,
  hash text not null,
  created_at timestamptz not null
);
create index credentials_by_user on vault.credentials (user_id);

-- Answers to requests with an Idempotency-Key; keys and fingerprints are keyed hashes.
create table vault.idempotency (
  key_hash bytea primary key,
  fingerprint bytea not null,
  run uuid not null,
  status integer,
  sealed_response bytea,
  started_at timestamptz not null,
  completed_at timestamptz,
  expires_at timestamptz not null
);
create index idempotency_by_expiry on vault.idempotency (expires_at);

-- Folded state of long streams, to read only their tail; may be emptied at any time.
create table service.snapshots (
  stream text not null,
  state_version integer not null,
  revision bigint not null,
  position bigint not null,
  state jsonb not null,
  primary key (stream, state_version)
);
