create table license.plans (
    id                  text primary key,
    name                text not null,
    platforms           text[] not null,
    max_tiktok_accounts integer, -- null: no limit
    may_change_tiktok   boolean not null,
    voice_engines       text not null check (voice_engines in ('local', 'all')),
    aliases             text[] not null default '{}',
    position            integer not null
);

insert into license.plans (id, name, platforms, max_tiktok_accounts, may_change_tiktok, voice_engines, aliases, position)
values
    ('nova_free_streamer', 'NovaFree Streamer', '{desktop,mobile}', 1, false, 'local', '{}', 1),
    ('nova_streamer_one_mobile', 'NovaStreamer One (Mobile)', '{mobile}', 3, true, 'all', '{nova_one_mobile,one_mobile}', 2),
    ('nova_streamer_one_desktop', 'NovaStreamer One (Desktop)', '{desktop}', 3, true, 'all', '{nova_one_desktop,one_desktop}', 3),
    ('nova_streamer_duo', 'NovaStreamer Duo', '{desktop,mobile}', null, true, 'all', '{nova_duo,duo}', 4),
    ('pro', 'Pro', '{desktop,mobile}', null, true, 'all', '{}', 5);

create table license.keys (
    key        text primary key, -- trimmed, upper case
    plan       text references license.plans (id), -- null: redeems as Free
    status     text not null default 'active' check (status in ('active', 'inactive', 'revoked')),
    issued_at  timestamptz not null default now(),
    expires_at timestamptz, -- null: never
    user_id    uuid, -- the owner, once redeemed
    bound_at   timestamptz,
    check ((user_id is null) = (bound_at is null))
);

create index keys_of_user on license.keys (user_id) where user_id is not null;
