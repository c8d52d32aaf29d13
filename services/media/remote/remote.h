/* SPDX-License-Identifier: MIT */
/* Voices of another server that has OpenAI's API (POST /v1/audio/speech), through libcurl. Failures
 * open a circuit breaker (domain/breaker.h): while it is open, nobody waits for the server.
 * Source: https://platform.openai.com/docs/api-reference/audio/createSpeech */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/metrics.h"
#include "lib/base/status.h"
#include "services/media/domain/voices.h"

#include <stdbool.h>
#include <stdint.h>

struct remote;

struct remote_options {
    const char *url; /* up to and without /v1/audio/speech */
    const char *key; /* "" for none */
    const char *model;
    unsigned timeout_ms;     /* for one text, connecting included */
    unsigned connections;    /* at the same time; more fail at once */
    struct metrics *metrics; /* may be NULL */
};

/* Texts are borrowed. */
struct remote *remote_new(const struct remote_options *options);

/* The text's speech as an audio file (MP3) in out, which is emptied first and bounds it. voice is
 * the server's own name. From any thread; blocks up to the time limit, and not past the deadline
 * (of clock_mono_ms). STATUS_UNAVAILABLE when the server does not do it, in time, with an audio
 * file, or is not asked since it has failed lately; STATUS_TIMEOUT when what is left until the
 * deadline is less than half of the time limit: it is not asked then, as it could not be blamed. */
MUST_CHECK enum status remote_speak(struct remote *remote, const char *voice, double speed,
                                    const char *text, int64_t deadline_ms, struct buffer *out);

/* Whether the server would be asked now. */
bool remote_is_up(struct remote *remote);

/* Breaks off what is under way and waits for it, a second at most; nobody may begin any more. Takes
 * NULL. */
void remote_free(struct remote *remote);

AUTO_DEFINE(struct remote *, remote_free)
