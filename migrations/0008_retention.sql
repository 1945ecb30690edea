-- When the store took an event: no part of its bytes, and gone with the event where the store lets go of it. Missing on
-- leaves from before this, until their stream is about to expire.
alter table proof.leaf add column recorded_at timestamptz;

-- How far the streams of a category have been told how long they keep their events. `position`: those that ended up to
-- here, with `days`; `reached`: the farthest that any were told ever.
create table engine.retention (
  category text primary key,
  days integer,
  position bigint,
  reached bigint
);
