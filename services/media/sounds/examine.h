/* SPDX-License-Identifier: MIT */
/* Whether an upload is a sound that may be stored. */
#pragma once

#include "lib/api/call.h"
#include "services/media/media.h"
#include "services/media/store/sounds.h"

/* Looks what the upload is, and how long; how loud is for the leveller (leveller.h).
 * STATUS_BAD_REQUEST, with the call's error set, when it is too large, too long or no sound, which
 * is counted; else STATUS_UNAVAILABLE or STATUS_TIMEOUT. */
MUST_CHECK enum status sound_examine(struct call *call, struct slice upload,
                                     struct audio_measure *ret_measure);

/* What is asked of ttb-audio about a file of that name; neither to measure nor to copy it. */
struct audio_wish sound_wish(const struct media_config *config, const char *filename,
                             struct slice file);
