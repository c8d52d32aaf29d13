-- What a user wants played, and when: see proto/events.yaml.
create table events.triggers (
    id                    uuid primary key,
    user_id               uuid not null,
    event_type            text not null,
    condition_key         text,
    condition_value       text, -- as the user wrote it
    enabled               boolean not null,
    priority              integer not null,
    action                text not null check (action in ('play_sound', 'tts')),
    text_template         text,
    sound_filename        text check (action <> 'play_sound' or sound_filename is not null),
    trigger_name          text,
    combo_count           integer not null,
    cooldown_seconds      integer not null,
    user_cooldown_seconds integer not null,
    once_per_stream       boolean not null,
    min_diamonds          integer not null,
    executed_count        bigint not null default 0,
    created_at            timestamptz not null default clock_timestamp()
);

create index triggers_of_user on events.triggers (user_id, priority desc, created_at);

-- When triggers fired last, where a cooldown asks for it. Gone after a day: streams are shorter.
create table events.firings (
    trigger_id uuid not null references events.triggers on delete cascade,
    room_id    bigint not null, -- the stream
    viewer_id  bigint not null, -- 0: whoever it was for
    fired_at   timestamptz not null,
    primary key (trigger_id, room_id, viewer_id)
);

create index firings_by_age on events.firings (fired_at);

-- What a stream's viewers have done in it, where something depends on it. Gone after a day.
create table events.viewers (
    room_id    bigint not null,
    viewer_id  bigint not null,
    username   text not null, -- the streamer's
    has_spoken boolean not null,
    diamonds   bigint not null, -- that the viewer gave
    seen_at    timestamptz not null,
    primary key (room_id, viewer_id)
);

create index viewers_of_username on events.viewers (username);
create index viewers_by_age on events.viewers (seen_at);

-- Media is being told which sound a trigger plays, and may have to be told again: a row that is
-- left tells what a crash has interrupted.
create table events.sound_claims (
    trigger_id uuid primary key,
    user_id    uuid not null,
    made_at    timestamptz not null default now()
);
