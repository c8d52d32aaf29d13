/* SPDX-License-Identifier: MIT */
/* Recorded payloads of a folder, DIR/<Method>/<number>.pb, played in a loop: all the first ones,
 * all the second ones and so on, so that the kinds mix. Control messages are left out, since a
 * recorded end would end every loop. */
#pragma once

#include "tools/webcast-sim/frame.h"

struct replay;

/* NULL, logged, when the folder can't be read or holds no payload. */
struct replay *replay_open(const char *folder);

/* The payload at *position, which moves on. Its common part gets the stamp's id, room and time:
 * they are appended as a second common part, and protobuf merges the two. */
void replay_next(const struct replay *replay, size_t *position, struct arena *arena,
                 const struct event_stamp *stamp, struct message *ret_message);

void replay_close(struct replay *replay);
