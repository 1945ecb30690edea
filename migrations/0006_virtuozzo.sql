-- Keys of the Virtuozzo platform, one row for each link of a team; which one holds is said by the team's stream.
create table vault.virtuozzo_keys (
  link_id uuid primary key,
  team_id uuid not null,
  -- Number of the service key `virtuozzo` that sealed it.
  key_number integer not null,
  -- The session key and, where there is one, the token that renews it.
  sealed bytea not null,
  obtained_at timestamptz not null,
  -- When it is to be tried again.
  due_at timestamptz not null,
  -- Whoever renews it holds the claim until then: one at a time over all processes.
  claim uuid,
  claimed_until timestamptz,
  created_at timestamptz not null
);
create index virtuozzo_keys_by_due on vault.virtuozzo_keys (due_at);
