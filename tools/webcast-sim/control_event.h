/* SPDX-License-Identifier: MIT */
/* An event out of JSON: {"type": "chat", "user": "masha", "nickname": "Маша", "text": "Привет!"};
 * the README lists what each type takes. */
#pragma once

#include "tools/webcast-sim/room.h"

#include <jansson.h>

/* NULL, or what is wrong. The event borrows the texts of body. A streak that is begun is remembered
 * by the room. */
const char *control_event_read(struct room *room, const json_t *body, struct event *ret_event);
