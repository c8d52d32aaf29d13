/* SPDX-License-Identifier: MIT */
/* The rules of section 7 of the contract: what a user hears of what a viewer did. */
#pragma once

#include "services/events/domain/firings.h"
#include "services/events/domain/hearing.h"
#include "services/events/domain/playback.h"

struct reaction {
    const struct trigger *trigger; /* the one that fired; NULL: none */
    const char *sound_filename;    /* NULL: none */
    const char *text;              /* to be spoken; NULL: nothing */
    enum playback_worth worth;     /* of the text */
};

/* Everything that a decision is made from. */
struct reaction_rules {
    const struct hearing *hearing;
    const struct trigger *triggers; /* the highest priority first, of equal ones the oldest */
    size_t trigger_count;
    struct firings *firings; /* NULL: no cooldown holds, as in a test */
};

/* What shall be heard. A trigger has fired when its sound plays, or its words are spoken, or there
 * is nothing to be said: the caller then says so to firings_add. now_ms is wall time. Results live
 * in the arena, or as long as the rules. */
struct reaction reaction_decide(const struct reaction_rules *rules, struct arena *arena,
                                const struct occasion *occasion, int64_t now_ms);

/* What that trigger plays, whether or not it would have fired. */
struct reaction reaction_of_trigger(const struct hearing *hearing, struct arena *arena,
                                    const struct trigger *trigger, const struct occasion *occasion);
