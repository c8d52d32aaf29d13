/* SPDX-License-Identifier: MIT */
/* Samples to files, by FFmpeg's encoders and muxers. Files carry no tags, and equal samples give
 * equal files. MP3 and Opus, Vorbis, M4A tell their exact length, so that players leave an
 * encoder's delay and padding out. */
#pragma once

#include "lib/base/buffer.h"
#include "services/media/audio/wire.h"

#include <stdbool.h>

struct encoder;

struct encoder_options {
    enum audio_format format; /* a real one */
    unsigned rate_hz;         /* of the samples; the file's is the next that suits the format */
    unsigned channels;        /* 1 or 2 */
    unsigned bit_rate;        /* about; of no meaning to AUDIO_WAV */
    double gain_db;           /* added to the samples */
};

/* How much quieter than the samples such a file comes out: LAME keeps room for peaks. */
double encoder_loss_db(enum audio_format format, unsigned bit_rate);

/* Writes to out, which is borrowed and emptied. NULL where the encoder can't do that. */
struct encoder *encoder_new(const struct encoder_options *options, struct buffer *out);

/* Any number of interleaved frames, 1.0 being full scale; what is beyond is clipped. False when out
 * is full, or the encoder fails. */
MUST_CHECK bool encoder_add(struct encoder *encoder, const float *samples, size_t frames);

/* The rest; out is a file after it. */
MUST_CHECK bool encoder_finish(struct encoder *encoder);

/* Takes NULL. */
void encoder_free(struct encoder *encoder);

AUTO_DEFINE(struct encoder *, encoder_free)
