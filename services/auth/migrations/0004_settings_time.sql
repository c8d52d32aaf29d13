-- When a user last set something; of those that were there already nobody knows.
alter table auth.settings add column updated_at timestamptz;
update auth.settings
set updated_at = users.created_at
from auth.users
where users.id = settings.user_id;
alter table auth.settings
    alter column updated_at set not null,
    alter column updated_at set default now();
