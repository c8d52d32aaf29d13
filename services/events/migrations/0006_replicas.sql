-- Who takes part in serving lives: a replica that looks at the tables is there.
create table events.replicas (
    id        text primary key, -- its bus id
    looked_at timestamptz not null
);

-- A lease is kept for a while after nobody watches any more.
alter table events.streams add column wanted_at timestamptz not null default now();

create index streams_of_owner on events.streams (owner);
