/* SPDX-License-Identifier: MIT */
/* Events as the old API's sockets get them: without `id` and `seq`. */
#pragma once

#include "services/gateway/ws/frame.h"

/* A frame with the event in that form; with the text as it is when that is no JSON object. NULL for
 * a `delete`: it names events by ids that the client has not got. */
struct frame *v1_event_frame(struct slice event);
