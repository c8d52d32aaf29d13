alter table license.keys
    add column max_devices   integer not null default 1,
    add column devices_bound integer not null default 0;
create index keys_by_issue on license.keys (issued_at desc, key);

-- The shop's orders: one key each, whatever is repeated.
create table license.orders (
    order_id   text primary key, -- trimmed
    key        text not null unique references license.keys (key) deferrable initially deferred,
    plan       text not null,
    ttl_days   integer not null,
    email      text, -- erased with the account that owns the key
    amount     bigint, -- minor units
    currency   text,
    created_at timestamptz not null default now()
);

-- Counts the changes of each user's keys: the version of what the user may do.
create table license.owners (
    user_id uuid primary key,
    version bigint not null
);

create table license.audit (
    id      bigint generated always as identity primary key,
    at      timestamptz not null default now(),
    key     text not null,
    action  text not null check (action in ('issued', 'redeemed', 'extended', 'revoked', 'plan_set', 'released', 'imported')),
    actor   text not null, -- 'admin', 'web', 'import', 'system', or the user's id
    address text, -- the client's; erased with the account of the actor
    details jsonb not null default '{}' -- what it is now: plan, status, expires_at, user_id, and the order where there is one
);
create index audit_of_key on license.audit (key);
create index audit_of_redeemer on license.audit (actor) where action = 'redeemed'; -- all that a user does

-- Append only: no row goes, and of a row only the address may.
create function license.audit_is_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        old.address := null;
        if new is not distinct from old then
            return new;
        end if;
    end if;
    raise exception 'license.audit is append only';
end
$$;
create trigger append_only before update or delete on license.audit
for each row execute function license.audit_is_append_only();
create trigger append_only_truncate before truncate on license.audit
for each statement execute function license.audit_is_append_only();

create table license.outbox (
    id         uuid primary key default gen_random_uuid(),
    position   bigint generated always as identity unique,
    what       text not null,
    body       jsonb not null,
    created_at timestamptz not null default now()
);

create table license.inbox (
    id         text primary key, -- the event's
    handled_at timestamptz not null default now()
);
