/* SPDX-License-Identifier: MIT */
/* One voice worker: a ttb-voice process with one espeak-ng voice, talked to over a socket pair. It
 * inherits no descriptor and of the environment only what espeak-ng and sanitizers need, so no
 * secret. It ends when our end of the socket closes, and is killed when the thread that started it
 * ends: start workers from threads that live as long as the daemon. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct voice_process {
    pid_t pid; /* 0: none */
    int fd;
};

struct voice_speech {
    const char *text;
    unsigned speed_wpm;
    unsigned pitch;
};

/* Starts program with an espeak-ng voice and waits until it is ready. Deadlines are of
 * clock_mono_ms. STATUS_UNAVAILABLE when it can't be started or lacks the voice, STATUS_TIMEOUT. */
MUST_CHECK enum status voice_process_start(const char *program, const char *espeak_voice,
                                           int64_t deadline_ms, struct voice_process *ret_process);

/* Appends the MP3 to out. The text is 1 to VOICE_TEXT_MAX bytes. STATUS_INVALID when nothing came
 * of the text (the worker is fine); STATUS_UNAVAILABLE when the worker died or answered nonsense,
 * STATUS_TIMEOUT: it must be ended then. */
MUST_CHECK enum status voice_process_speak(struct voice_process *process,
                                           const struct voice_speech *speech, int64_t deadline_ms,
                                           struct buffer *out);

/* Whether an idle worker still runs. */
bool voice_process_is_alive(const struct voice_process *process);

/* Kills and reaps it. */
void voice_process_end(struct voice_process *process);
