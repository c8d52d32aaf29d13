/* SPDX-License-Identifier: MIT */
/* Has the media service speak. The URL is known at once; the file appears there a moment later, and
 * a client that asks sooner waits for it. */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/metrics.h"
#include "lib/base/uuid.h"
#include "lib/bus/bus.h"

struct speaker {
    struct bus *bus;
    const char *base_url; /* what URLs begin with */
    struct metric *asked;
    struct metric *failed;
};

void speaker_init(struct speaker *speaker, struct bus *bus, const char *base_url,
                  struct metrics *metrics);

/* Asks for text (prepared by spoken_prepare) to be spoken for a user: the URL, and the speech's id.
 * NULL, and no speech, while the bus is away. */
const char *speaker_speak(struct speaker *speaker, struct arena *arena, const char *user_id,
                          const char *voice_id, const char *text, struct uuid *ret_id);

/* The speech is no longer wanted: if it has not been made yet it never is, and its URL is gone. */
void speaker_cancel(struct speaker *speaker, const char *user_id, const char *id);
