/* SPDX-License-Identifier: MIT */
/* What the client's owner is told of one live: each state once, until it changes. */
#pragma once

#include "services/events/webcast/webcast.h"

struct reporter {
    const struct webcast_options *options;
    const char *name; /* the streamer's */
    bool has_told;    /* what stands below */
    enum webcast_state state;
    enum webcast_error error;
};

/* In place; both are borrowed. */
void reporter_init(struct reporter *reporter, const struct webcast_options *options,
                   const char *name);

void reporter_tell(struct reporter *reporter, enum webcast_state state, enum webcast_error error);

/* Whether the last state was one of being on the way. */
bool reporter_told_trying(const struct reporter *reporter);
