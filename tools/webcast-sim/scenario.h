/* SPDX-License-Identifier: MIT */
/* What can go wrong in a room. A scenario is a row of data: what is different about its frames and
 * handshakes, and what it does once a second besides the ordinary traffic. */
#pragma once

#include "tools/webcast-sim/bootstrap.h"
#include "tools/webcast-sim/room.h"

#include <stdbool.h>
#include <stdio.h>

struct scenario {
    const char *name;
    const char *help;
    struct refusal refusal; /* of every handshake, when its message is set */
    enum packing packing;
    bool no_ack; /* need_ack is not set */
    bool no_pong;
    bool no_heartbeat_reply;
    bool no_messages;   /* heartbeats are answered, nothing else comes */
    bool history;       /* the sign server's batch always has six history chats */
    bool repeat_recent; /* whoever enters gets the last messages again, with their ids */
    void (*beat)(struct room *room, int beat); /* beat counts from 0 */
};

/* NULL when there is none. */
const struct scenario *scenario_find(const char *name);

/* Those of the rooms, of the sign server and of the pages, a line each. */
void scenario_print_all(FILE *out);
