-- What the alert about the audit log rests on: what the running check found in the pass through the log that is under
-- way and in the last complete one, and whether a checkpoint is not signed since the log contradicts an earlier one.
alter table proof.log
  add column wrong_in_pass boolean not null default false,
  add column wrong_in_last_pass boolean not null default false,
  add column signing_refused boolean not null default false;
