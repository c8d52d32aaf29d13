/* SPDX-License-Identifier: MIT */
/* All rooms, by name and by id. A room is made when its name is first asked for; its id follows
 * from the name. */
#pragma once

#include "tools/webcast-sim/room.h"

#define ROOMS_MAX 20000

struct rooms {
    struct room *first;
    size_t count;
    void *by_name; /* trees of search.h */
    void *by_id;
};

/* A TikTok name as clients must send it: 1 to 24 of a-z, 0-9, '_' and '.'. */
bool rooms_is_name(const char *name);

/* Makes it when there is none. NULL for a bad name or when there are too many rooms. */
struct room *rooms_get(struct sim *sim, const char *name);

/* NULL when no room has that id. */
struct room *rooms_find(const struct rooms *rooms, int64_t id);

/* As when the host starts the next live: the id is another one, the given one or, when that is 0,
 * one of its own. Nobody is found under the old one. False when another room has it. */
MUST_CHECK bool rooms_change_id(struct rooms *rooms, struct room *room, int64_t id);

void rooms_done(struct rooms *rooms);
