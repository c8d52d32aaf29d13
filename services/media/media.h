/* SPDX-License-Identifier: MIT */
/* What the media service's handlers share (call->app): made at the start. */
#pragma once

#include "lib/base/allowance.h"
#include "services/media/audio/audio.h"
#include "services/media/config.h"
#include "services/media/sounds/counts.h"
#include "services/media/speech/maker.h"
#include "services/media/speech/speech.h"

#define MEDIA_SPEECH_WINDOW_S 60 /* of the allowance */

struct leveller;

struct media {
    const struct media_config *config;
    int root;             /* MEDIA_ROOT */
    struct audio *sounds; /* examines uploads */
    struct sound_counts sound_counts;
    struct leveller *leveller;
    struct maker maker;
    struct speech *speech;
    struct allowance *speech_allowance; /* per user; NULL: no limit */
};
