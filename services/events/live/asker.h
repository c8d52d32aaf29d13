/* SPDX-License-Identifier: MIT */
/* Asks auth what of a live the users want to hear, in threads of its own: an auth that hangs must
 * hold up neither leases nor events. */
#pragma once

#include "services/events/live/rooms.h"

struct asker;

/* bus and rooms are borrowed for the life of the asker. */
struct asker *asker_start(struct bus *bus, struct rooms *rooms, struct metrics *metrics);

/* Returns at once; rooms_take_settings follows. */
void asker_ask(struct asker *asker, const char *user_id);

/* Drops the questions that wait, and ends when those in hand are answered, or not. Takes NULL. */
void asker_stop(struct asker *asker);
