create table auth.users (
    id            uuid primary key,
    username      text not null unique, -- folded: lower-case, no '@'
    password_hash text not null, -- passlib's pbkdf2_sha256 form, or bcrypt from the old backend
    role          text not null default 'user' check (role in ('user', 'support', 'admin')),
    is_banned     boolean not null default false,
    created_at    timestamptz not null default now()
);

create table auth.settings (
    user_id             uuid primary key references auth.users (id) on delete cascade,
    voice_id            text not null default 'ru-RU-SvetlanaNeural',
    tts_enabled         boolean not null default true,
    gift_sounds_enabled boolean not null default true,
    tts_volume          integer not null default 100 check (tts_volume between 0 and 100),
    gifts_volume        integer not null default 100 check (gifts_volume between 0 and 100),
    tiktok_username     text -- null: the username
);

create table auth.sessions (
    id           uuid primary key, -- the token's sid
    user_id      uuid not null references auth.users (id) on delete cascade,
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    ip           text,
    user_agent   text
);

create index sessions_of_user on auth.sessions (user_id);

-- A copy of what the license service says of a user, so that `me` needs no other service. No row: Free.
create table auth.entitlements (
    user_id             uuid primary key references auth.users (id) on delete cascade,
    plan_id             text not null,
    plan_name           text not null,
    platforms           text[] not null,
    max_tiktok_accounts integer, -- null: no limit
    may_change_tiktok   boolean not null,
    voice_engines       text not null,
    expires_at          timestamptz -- null: never
);
