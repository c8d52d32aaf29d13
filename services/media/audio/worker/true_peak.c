/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/true_peak.h"

#include <math.h>

#define TAPS 20           /* samples that a point between two of them is made of */
#define PHASES 3          /* points between two samples: at a quarter, a half, three quarters */
#define BLOCK 1024        /* samples of a channel that are looked at together */
#define RATE_MAX_HZ 96000 /* from here on samples are close enough together */

/* An ideal low pass, cut off by Hann's window. */
static void make_filter(float filter[PHASES][TAPS])
{
    for (int phase = 0; phase < PHASES; phase++) {
        double sum = 0, weights[TAPS];
        for (int tap = 0; tap < TAPS; tap++) {
            double x = tap - (TAPS / 2 - 1) - (phase + 1) / (PHASES + 1.0);
            weights[tap] = sin(M_PI * x) / (M_PI * x) * (0.5 + 0.5 * cos(M_PI * x / (TAPS / 2)));
            sum += weights[tap];
        }
        for (int tap = 0; tap < TAPS; tap++)
            filter[phase][tap] = (float)(weights[tap] / sum);
    }
}

/* The samples of a channel, from half a filter before first on: zeros where there are none. */
static void gather(const struct pcm *pcm, unsigned channel, size_t first, float *samples)
{
    for (size_t i = 0; i < BLOCK + TAPS; i++) {
        size_t frame = first + i - TAPS / 2; /* below 0 it wraps round, past all frames */
        samples[i] = frame < pcm->frames ? pcm->samples[frame * pcm->channels + channel] : 0;
    }
}

/* Written for compilers to make vectors of. */
static void raise(float *restrict highs, const float *restrict samples, const float *weights)
{
    for (size_t i = 0; i < BLOCK; i++) {
        float point = 0;
#pragma GCC unroll 20
        for (size_t tap = 0; tap < TAPS; tap++)
            point += weights[tap] * samples[i + tap];
        point = fabsf(point);
        highs[i] = point > highs[i] ? point : highs[i];
    }
}

static void look_at_channel(const struct pcm *pcm, unsigned channel, float filter[PHASES][TAPS],
                            float *highs)
{
    static const float itself[TAPS] = {1};
    float samples[BLOCK + TAPS];
    const bool is_dense = pcm->rate_hz >= RATE_MAX_HZ;
    for (size_t first = 0; first < pcm->frames + TAPS; first += BLOCK) {
        gather(pcm, channel, first, samples);
        raise(highs, samples, itself);
        for (size_t phase = 0; phase < PHASES && !is_dense; phase++)
            raise(highs, samples, filter[phase]);
    }
}

double true_peak(const struct pcm *pcm)
{
    float filter[PHASES][TAPS];
    float highs[BLOCK] = {0};
    make_filter(filter);
    for (unsigned channel = 0; channel < pcm->channels; channel++)
        look_at_channel(pcm, channel, filter, highs);
    float highest = 0;
    for (size_t i = 0; i < BLOCK; i++)
        highest = highs[i] > highest ? highs[i] : highest;
    return (double)highest;
}
