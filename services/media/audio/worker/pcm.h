/* SPDX-License-Identifier: MIT */
/* Decoded sound: interleaved samples, 1.0 being full scale. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCM_BYTES_MAX ((size_t)96 * 1024 * 1024) /* a minute of 192 kHz in stereo */

struct pcm {
    float *samples;
    size_t frames;   /* a frame has a sample of each channel */
    size_t capacity; /* in frames */
    unsigned rate_hz;
    unsigned channels;
};

/* Makes room for frames more; false past PCM_BYTES_MAX. Rate and channels must be set. */
MUST_CHECK bool pcm_reserve(struct pcm *pcm, size_t frames);

/* Where the next frame goes. */
float *pcm_end(const struct pcm *pcm);

/* frames more are there. Samples that are no number, or beyond any sense, become silence. */
void pcm_extend(struct pcm *pcm, size_t frames);

void pcm_done(struct pcm *pcm);

static inline void pcm_auto_done(struct pcm *pcm)
{
    pcm_done(pcm);
}
/* AUTO_PCM(sound); a local one that cleans up after itself. */
#define AUTO_PCM(name) __attribute__((cleanup(pcm_auto_done))) struct pcm name = {0}
