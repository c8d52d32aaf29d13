-- A user who has, or had, sounds. Whoever changes a user's sounds locks the row first: quotas, names and files of one user change one after another.
create table media.owners (
    user_id   uuid primary key,
    erased_at timestamptz -- the account is gone: nothing of it comes in any more
);
create index owners_erased on media.owners (erased_at) where erased_at is not null;

-- A row is committed after its file has its name, and is gone before the file is.
create table media.sounds (
    user_id       uuid not null references media.owners,
    filename      text collate "C" not null,
    created_at    timestamptz not null default clock_timestamp(),
    bytes         integer not null,  -- of the file that is served
    duration_ms   integer not null,  -- as decoded
    format        text not null,     -- of the file that is served: mp3, wav, ogg-vorbis, ogg-opus, m4a
    is_levelled   boolean not null default false, -- the file is as loud as all others, as far as that can be; until then:
    loudness_lufs real,                           -- null. Integrated, of what was uploaded (EBU R128); null: silence
    peak_dbtp     real,                           -- null. Its true peak; null: silence
    gain_db       real not null default 0,        -- by how much the file that is served is louder than that
    primary key (user_id, filename)
);
create index sounds_newest on media.sounds (user_id, created_at desc);
create index sounds_to_level on media.sounds (created_at) where not is_levelled;

-- Which trigger of the events service plays which sound.
create table media.sound_uses (
    user_id    uuid not null,
    trigger_id uuid not null,
    filename   text collate "C" not null,
    primary key (user_id, trigger_id),
    foreign key (user_id, filename) references media.sounds
);
create index sound_uses_of_sound on media.sound_uses (user_id, filename);
