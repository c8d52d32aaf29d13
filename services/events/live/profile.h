/* SPDX-License-Identifier: MIT */
/* How a user wants a live to sound: the settings, which auth has, and the triggers, which are ours.
 * Loaded as a whole, never changed, replaced by a newer one. */
#pragma once

#include "gen/auth/messages.h"
#include "services/events/domain/hearing.h"

struct profile {
    struct arena *arena; /* all of it lives there */
    struct hearing hearing;
    struct trigger *triggers; /* in the order in which they are tried */
    size_t trigger_count;
    bool wants_first_messages; /* a trigger waits for them */
};

/* With those settings, and no triggers yet. */
struct profile *profile_new(const struct live_settings_reply *settings);

/* The triggers, which live in the profile's arena, are all there. */
void profile_set_triggers(struct profile *profile, struct trigger *triggers, size_t count);

/* Takes NULL. */
void profile_free(struct profile *profile);
