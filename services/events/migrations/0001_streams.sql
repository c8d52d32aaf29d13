-- Who watches whose live. Gateways renew a row every 10 seconds while the user has a socket.
create table events.watches (
    user_id         uuid primary key,
    username        text not null, -- the streamer's TikTok name, folded
    wanted_until    timestamptz not null,
    state_wanted_at timestamptz -- when somebody last asked to be told the live's state
);

create index watches_of_username on events.watches (username);

-- The lease on a TikTok room: its owner alone holds the connection.
create table events.streams (
    username   text primary key,
    owner      text not null, -- the replica's bus id
    renewed_at timestamptz not null
);
