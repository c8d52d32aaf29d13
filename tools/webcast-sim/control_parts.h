/* SPDX-License-Identifier: MIT */
/* What the control*.c files share. */
#pragma once

#include "lib/base/json_writer.h"
#include "tools/webcast-sim/routes.h"

#include <jansson.h>

AUTO_DEFINE(json_t *, json_decref)

/* The body as an object, to be released; NULL, answered, when it is none. */
json_t *control_body_read(const struct request *request, struct reply *reply);

/* The room that the path names; NULL, answered, when it can't be. */
struct room *control_room_read(struct sim *sim, const struct request *request, struct reply *reply);

/* A number of the body's, or the one given where it is absent. */
int64_t control_int_of(const json_t *body, const char *key, int64_t absent);

/* A room's state and counters, as an object. */
void control_write_room(struct json_writer *json, const struct room *room);
