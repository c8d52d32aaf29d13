-- Users that came from the old backend. One who is named here, but is not in auth.users, was deleted since, and does not come back.
create table auth.imported_users (
    user_id      uuid primary key,
    has_settings boolean not null default false, -- those of the old backend were taken over: from then on they are the user's here
    imported_at  timestamptz not null default now()
);
