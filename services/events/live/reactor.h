/* SPDX-License-Identifier: MIT */
/* Lets a user hear what a viewer did: asks the rules, has speech made, and notes what fired. */
#pragma once

#include "services/events/domain/event_json.h"
#include "services/events/domain/reaction.h"
#include "services/events/live/recorder.h"
#include "services/events/live/speaker.h"
#include "services/events/live/watcher.h"

struct reactor {
    struct speaker *speaker;
    struct recorder *recorder; /* NULL: nothing is written down */
    const char *media_base_url;
    unsigned speech_per_minute;
    struct metric *shed; /* speech for which there was no time */
};

/* All but metrics is borrowed for the life of the reactor. */
void reactor_init(struct reactor *reactor, struct speaker *speaker, struct recorder *recorder,
                  const char *media_base_url, unsigned speech_per_minute, struct metrics *metrics);

/* Puts what the watcher hears of the occasion into the envelope; msg_id is the event's, by which
 * its speech can be taken back (0: never). Nothing while the watcher's profile isn't known. */
void reactor_react(struct reactor *reactor, struct arena *arena, struct watcher *watcher,
                   const struct occasion *occasion, int64_t msg_id, int64_t now_ms,
                   struct event_envelope *envelope);

/* Whether a trigger fired for it, and what it plays is in the envelope: for events that are told
 * only then. */
bool reactor_react_to_first_message(struct reactor *reactor, struct arena *arena,
                                    struct watcher *watcher, const struct occasion *occasion,
                                    int64_t msg_id, int64_t now_ms,
                                    struct event_envelope *envelope);

/* The messages were deleted: what of them waits to be spoken is not. */
void reactor_take_back(struct reactor *reactor, struct watcher *watcher, const int64_t *msg_ids,
                       size_t count);

/* What a reaction plays, without regard to how busy the user's app is. */
void reactor_play(struct reactor *reactor, struct arena *arena, const char *user_id,
                  const char *voice_id, const struct reaction *reaction,
                  struct event_envelope *envelope);
