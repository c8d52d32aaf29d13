/* SPDX-License-Identifier: MIT */
/* Decoded frames of any kind to samples of one rate and one number of channels. A sound may change
 * its own on the way. */
#pragma once

#include "services/media/audio/worker/pcm.h"

#include <libavutil/frame.h>
#include <libswresample/swresample.h>

#define CONVERT_RATE_MIN_HZ 4000
#define CONVERT_RATE_MAX_HZ 192000
#define CONVERT_CHANNELS_MAX 8

struct converter {
    struct pcm *pcm; /* whose rate and channels say what comes out */
    size_t frames_max;
    bool counts_only; /* frames are counted in the pcm, and not kept */
    SwrContext *swr;
    int rate_hz; /* of what goes in, the last time */
    int channels;
    enum AVSampleFormat format;
};

/* Appends the frames from..to of a frame to the pcm. False when that is full, or the frame is
 * beyond the limits above: no more can be taken then. */
MUST_CHECK bool converter_add(struct converter *converter, const AVFrame *frame, int from, int to);

/* Appends what is still held back. False when the pcm is full. */
bool converter_drain(struct converter *converter);

void converter_done(struct converter *converter);
