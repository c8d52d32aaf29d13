/* SPDX-License-Identifier: MIT */
/* espeak-ng, which keeps its state in globals: one voice a process. */
#pragma once

#include "lib/base/buffer.h"
#include "services/media/voice/wire.h"

/* First of all: finds the folder of espeak-ng's data, from which everything later is read. */
const char *speech_find_data(void);

/* Loads the voice of that name, and the rules for English, which other languages' texts switch to.
 * False when there is no such voice, or it does not speak at VOICE_RATE_HZ. */
MUST_CHECK bool speech_open(const char *voice);

/* Speaks text: at most VOICE_TEXT_MAX bytes of plain UTF-8, in which no markup, phoneme code or
 * control sequence means anything. Puts the samples in out, which is empty and has room for
 * VOICE_PCM_MAX bytes, without the silence at their ends; speech is cut at VOICE_SECONDS_MAX. False
 * when there is none. */
MUST_CHECK bool speech_say(const char *text, const struct voice_request *request,
                           struct buffer *out);
