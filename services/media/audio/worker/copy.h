/* SPDX-License-Identifier: MIT */
/* A copy of a sound that is as loud as wished. */
#pragma once

#include "lib/base/buffer.h"
#include "services/media/audio/worker/decode.h"
#include "services/media/audio/worker/loudness.h"

/* Makes it in out, which is emptied first, and returns its gain in dB; 0, and nothing in out, when
 * there is none: the sound is silent, within half a decibel of the wish, too quiet but with no room
 * left for its peaks, or no copy is small enough. wish->copy_format is a real one. */
double copy_make(const struct decoded *sound, const struct loudness *loudness,
                 const struct audio_wish *wish, struct buffer *out);
