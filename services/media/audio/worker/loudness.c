/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/loudness.h"

#include "services/media/audio/worker/true_peak.h"

#include <ebur128.h>
#include <math.h>

#define BLOCK_MS 400 /* of R128: it has no loudness for less */

static void close_meter(ebur128_state *meter)
{
    ebur128_destroy(&meter);
}

AUTO_DEFINE(ebur128_state *, close_meter)

/* False when it is none. */
static bool measure_lufs(const struct pcm *pcm, double *ret_lufs)
{
    AUTO(close_meter)
    ebur128_state *meter = ebur128_init(pcm->channels, pcm->rate_hz, EBUR128_MODE_I);
    if (!meter)
        abort();
    const size_t block = ((size_t)pcm->rate_hz * BLOCK_MS + 999) / 1000;
    size_t fed = 0;
    do {
        if (ebur128_add_frames_float(meter, pcm->samples, pcm->frames) != EBUR128_SUCCESS)
            abort();
        fed += pcm->frames;
    } while (fed < block);
    return ebur128_loudness_global(meter, ret_lufs) == EBUR128_SUCCESS && isfinite(*ret_lufs);
}

void loudness_measure(const struct pcm *pcm, struct loudness *ret_loudness)
{
    double lufs = 0;
    double peak = true_peak(pcm);
    bool is_loud = measure_lufs(pcm, &lufs) && peak > 0;
    *ret_loudness = (struct loudness){
        .is_silent = !is_loud,
        .lufs = is_loud ? lufs : 0,
        .peak_dbtp = is_loud ? 20 * log10(peak) : 0,
    };
}
