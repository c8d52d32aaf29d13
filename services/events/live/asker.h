/* SPDX-License-Identifier: MIT */
/* Loads users' profiles, of auth and of the tables, in threads of its own: an auth that hangs must
 * hold up neither leases nor events. */
#pragma once

#include "services/events/live/rooms.h"

struct asker;

/* Arguments are borrowed for the life of the asker. */
struct asker *asker_start(struct bus *bus, const struct pg_options *database, struct rooms *rooms,
                          struct metrics *metrics);

/* Returns at once; rooms_take_profile follows. username, of the streamer, says whose lives' viewers
 * are to be loaded, too; NULL: none. */
void asker_ask(struct asker *asker, const char *user_id, const char *username);

/* Drops the questions that wait, and ends when those in hand are answered, or not. Takes NULL. */
void asker_stop(struct asker *asker);
