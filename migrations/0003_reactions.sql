-- How far the reactions have come in the log: every event up to `position` has its jobs in the queue.
create schema if not exists engine;

create table engine.reaction_checkpoint (
  name text primary key,
  position bigint,
  -- When a job was last put into the queue: what the queue may have lost was put there before.
  enqueued_at timestamptz,
  -- The mark that the queue carries while it is the one that the jobs were put into.
  queue_generation text
);

-- Where `position` stood at a time, once a minute: from where to make jobs again that the queue has lost.
create table engine.reaction_history (
  name text not null,
  at timestamptz not null,
  position bigint not null,
  primary key (name, at)
);
