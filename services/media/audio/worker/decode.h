/* SPDX-License-Identifier: MIT */
/* Files to samples. How long a sound is, is what comes out here, whatever its headers claim: they
 * are believed only about the DECODE_TRIM_MAX_MS at either end that an encoder may have added. So a
 * sound that tells this has its exact length: Ogg, M4A, and MP3 with LAME's tag. An MP3 without one
 * is taken to have the usual delay and a frame of padding, 51 ms at 44.1 kHz, so that it is
 * measured up to a frame too short rather than too long. */
#pragma once

#include "lib/base/buffer.h"
#include "services/media/audio/wire.h"
#include "services/media/audio/worker/pcm.h"

#define DECODE_TRIM_MAX_MS 250
#define DECODE_PAST_MS 500 /* what is longer than max_ms is decoded so far beyond it */

struct decode_wish {
    uint32_t max_ms;
    unsigned rate_hz;      /* 0: as in the file */
    unsigned channels_max; /* 1 or 2; more are mixed down */
    bool counts_only;      /* all is decoded, and its frames are counted, but not kept */
};

struct decoded {
    enum audio_format format;
    unsigned bit_rate;    /* of the file; tags and pictures count where they are inside the sound */
    uint32_t duration_ms; /* rounded down */
    struct pcm pcm; /* never empty, but without samples if they were only counted; to be done by the
                       caller, on failure too */
};

/* False for what is none of the formats, or yields mostly errors. A file that was cut is decoded as
 * far as it goes. ret_decoded must be zeroed. */
MUST_CHECK bool decode_file(struct slice file, const struct decode_wish *wish,
                            struct decoded *ret_decoded);
