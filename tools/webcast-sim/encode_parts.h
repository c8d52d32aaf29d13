/* SPDX-License-Identifier: MIT */
/* What many messages have in common, in TikTok's words. */
#pragma once

#include "gen/webcast.pb-c.h"
#include "tools/webcast-sim/event.h"

struct encoder {
    struct arena *arena;
    const struct event *event;
    const struct event_stamp *stamp;
};

/* Field 1; key may be NULL: no text. */
Webcast__Common *encode_common(struct encoder *encoder, const char *key, const char *pattern);

/* The fields that every recorded user has, and badges. It borrows the person's texts. */
Webcast__User *encode_user(struct arena *arena, const struct person *person);

Webcast__Viewer *encode_viewer(struct arena *arena, const struct person *person);

Webcast__UserIdentity *encode_identity(struct arena *arena, const struct person *person);
