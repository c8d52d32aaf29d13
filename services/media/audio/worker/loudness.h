/* SPDX-License-Identifier: MIT */
/* How loud a sound is: EBU R128, by libebur128. A mono sound counts as one channel, as it does in
 * FFmpeg's filter. */
#pragma once

#include "services/media/audio/worker/pcm.h"

struct loudness {
    bool is_silent;   /* below the gate of R128, −70 LUFS: the rest means nothing */
    double lufs;      /* integrated; a sound below 400 ms is measured as if it were repeated */
    double peak_dbtp; /* true peak */
};

void loudness_measure(const struct pcm *pcm, struct loudness *ret_loudness);
