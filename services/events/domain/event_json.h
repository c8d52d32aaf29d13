/* SPDX-License-Identifier: MIT */
/* Live events as the JSON objects that clients read: proto/live.yaml. */
#pragma once

#include "lib/base/buffer.h"
#include "services/events/domain/streaks.h"

/* What every event carries, and what the service adds to one. */
struct event_envelope {
    const char *id;
    int64_t seq;
    int64_t wall_ms;
    const char *sound_url; /* NULL: no sound is played */
    const char *tts_url;   /* NULL: nothing is spoken */
    bool is_test;          /* made up, to try a trigger */
};

/* Writes the event. False when it is of a kind that clients are not told of; gifts go by
 * event_json_gift. */
bool event_json_write(const struct event_envelope *envelope, const struct live_event *event,
                      struct buffer *out);

/* One step of a gift's streak, or a single gift. */
void event_json_gift(const struct event_envelope *envelope, const struct streak_step *step,
                     struct buffer *out);

/* A viewer's first message in the stream; the event is the chat. */
void event_json_first_message(const struct event_envelope *envelope, const struct live_event *event,
                              struct buffer *out);

/* The events of these ids are to be dropped: their messages were deleted. */
void event_json_delete(const struct event_envelope *envelope, const int64_t *ids, size_t count,
                       struct buffer *out);

/* The state of the connection to the live: connecting, connected, reconnecting, offline, ended or
 * disconnected. A blank username is left out. */
void event_json_status(const struct event_envelope *envelope, const char *state,
                       const char *message, const char *username, struct buffer *out);

void event_json_error(const struct event_envelope *envelope, const char *code, const char *message,
                      struct buffer *out);
