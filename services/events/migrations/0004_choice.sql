-- What a user chose to watch stays while gateways renew the watch; who said to watch nothing watches
-- nothing until a choice, or a socket that opens, says otherwise.
alter table events.watches add column is_paused boolean not null default false;

-- How the connection to a live stands, as its owner last said.
alter table events.streams add column state text;
alter table events.streams add column message text;
