/* SPDX-License-Identifier: MIT */
/* A sound file in memory, opened by FFmpeg's demuxers: which one is for the file's first bytes to
 * say, and nothing but these bytes is read. */
#pragma once

#include "lib/base/buffer.h"
#include "services/media/audio/wire.h"

#include <libavformat/avformat.h>

struct input {
    AVFormatContext *container;
    AVStream *stream; /* its only audio */
    enum audio_format format;
    struct slice unread;
    struct slice bytes;
};

/* Borrows file. NULL for what is none of the formats, has not exactly one stream of audio, or has
 * video that is more than the picture of a cover. */
struct input *input_new(struct slice file);

/* The next packet of the stream. False at the end, be it where the file was cut. */
MUST_CHECK bool input_read(struct input *input, AVPacket *packet);

/* Takes NULL. */
void input_free(struct input *input);

AUTO_DEFINE(struct input *, input_free)
