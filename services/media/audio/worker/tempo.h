/* SPDX-License-Identifier: MIT */
/* Mono speech made faster or slower at its pitch, by FFmpeg's atempo filter, on its way to an
 * encoder. */
#pragma once

#include "services/media/audio/worker/encode.h"

#define TEMPO_MIN 0.25
#define TEMPO_MAX 4.0

struct tempo;

/* tempo: TEMPO_MIN..TEMPO_MAX. The encoder is borrowed. */
struct tempo *tempo_new(double tempo, unsigned rate_hz, struct encoder *encoder);

/* Any number of samples. False when the encoder or the filter fails. */
MUST_CHECK bool tempo_add(struct tempo *tempo, const float *samples, size_t count);

/* The rest; the encoder is not finished by it. */
MUST_CHECK bool tempo_finish(struct tempo *tempo);

/* Takes NULL. */
void tempo_free(struct tempo *tempo);

AUTO_DEFINE(struct tempo *, tempo_free)
