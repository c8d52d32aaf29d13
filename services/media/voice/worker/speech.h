/* SPDX-License-Identifier: MIT */
/* espeak-ng, which keeps its state in globals: one voice a process. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes count samples (mono, 16 bit); false stops the speech. */
typedef bool speech_sink_fn(void *context, const int16_t *samples, size_t count);

/* First of all: finds the folder of espeak-ng's data, from which everything later is read. */
const char *speech_find_data(void);

/* Loads the voice of that name, and the rules for English, which other languages' texts switch to.
 * False when there is no such voice. */
MUST_CHECK bool speech_open(const char *voice);

unsigned speech_rate_hz(void);

/* Speaks text: plain UTF-8, in which no markup, phoneme code or control sequence means anything.
 * Changes text in place. */
MUST_CHECK bool speech_say(char *text, unsigned speed_wpm, unsigned pitch, speech_sink_fn *sink,
                           void *context);
