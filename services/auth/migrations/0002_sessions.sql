-- An account of the old API is known by its licence key, or a demo key, and gets its name when it redeems the key.
alter table auth.users
    alter column username drop not null,
    alter column password_hash drop not null,
    add column demo_key text unique,
    add column is_confirmed boolean not null default true, -- false: made by a redemption, and its password not used since
    add check ((username is null) = (password_hash is null));

alter table auth.settings
    add column chat_tts_mode         text not null default 'all' check (chat_tts_mode in ('all', 'prefix', 'donor')),
    add column chat_tts_prefixes     text not null default '.',
    add column chat_tts_min_diamonds integer not null default 0 check (chat_tts_min_diamonds between 0 and 100000),
    add column gift_tts_enabled      boolean not null default true,
    add column blocked_words         text[] not null default '{}',
    add column blocked_users         text[] not null default '{}',
    add column read_links            boolean not null default false,
    add column max_spoken_chars      integer not null default 200 check (max_spoken_chars between 20 and 500);

-- The TikTok names that a user has set: each counts against the plan's limit.
create table auth.tiktok_names (
    user_id      uuid not null references auth.users (id) on delete cascade,
    name         text not null, -- folded
    created_at   timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    primary key (user_id, name)
);

-- Rows of live sessions only. No reference to the user: its check would write to the user's row at each sign-in.
alter table auth.sessions
    drop constraint sessions_user_id_fkey,
    add column expires_at timestamptz not null default now() + interval '1 day';
alter table auth.sessions alter column expires_at drop default;
create index sessions_by_expiry on auth.sessions using brin (expires_at);

-- Sessions whose tokens would still be good: gateways know them, and refuse them.
create table auth.ended_sessions (
    session_id uuid primary key,
    user_id    uuid not null,
    ended_at   timestamptz not null default now(),
    expires_at timestamptz not null
);
create index ended_sessions_by_time on auth.ended_sessions (ended_at);

-- The same for all of a user's tokens that were issued before a moment; so end those of the old backend, too, which name no session.
create table auth.token_cutoffs (
    user_id        uuid primary key,
    issued_before  timestamptz not null,
    except_session uuid, -- null: none
    ended_at       timestamptz not null default now(),
    expires_at     timestamptz not null
);

-- Addresses from which a user has signed in: somebody else's guesses do not lock the user out there.
create table auth.known_addresses (
    user_id      uuid not null references auth.users (id) on delete cascade,
    address      text not null,
    last_used_at timestamptz not null default now(),
    primary key (user_id, address)
);

-- Wrong passwords, by account, by address, and by both for a known address.
create table auth.login_attempts (
    subject        text primary key, -- 'account:<name>', 'address:<network>' or 'known:<name>|<network>'
    failures       integer not null,
    last_failed_at timestamptz not null default now(),
    blocked_until  timestamptz not null default '-infinity'
);

-- Tokens of the old API, as SHA-256: who reads the table can't use them.
create table auth.ws_tokens (
    token_hash bytea primary key,
    user_id    uuid not null references auth.users (id) on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index ws_tokens_of_user on auth.ws_tokens (user_id);

-- An entitlement may come before its user, from an import; a higher version wins; without a plan it is Free.
alter table auth.entitlements
    drop constraint entitlements_user_id_fkey,
    alter column plan_id drop not null,
    alter column plan_name drop not null,
    alter column platforms drop not null,
    alter column may_change_tiktok drop not null,
    alter column voice_engines drop not null,
    add column version bigint not null default 0;

create table auth.outbox (
    id         uuid primary key default gen_random_uuid(),
    position   bigint generated always as identity unique,
    what       text not null,
    body       jsonb not null,
    created_at timestamptz not null default now()
);

create table auth.inbox (
    id         text primary key, -- the event's
    handled_at timestamptz not null default now()
);
