create table events.inbox (
    id         text primary key, -- the event's
    handled_at timestamptz not null default now()
);
