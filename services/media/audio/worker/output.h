/* SPDX-License-Identifier: MIT */
/* A file that FFmpeg's muxers write into a buffer; they go back to mend a header. */
#pragma once

#include "lib/base/buffer.h"

#include <libavformat/avio.h>

struct output {
    AVIOContext *io; /* for the muxer */
    struct buffer *bytes;
    size_t at;
};

/* Borrows bytes, which is emptied; it overflows when the file gets too large. */
void output_init(struct output *output, struct buffer *bytes);

void output_done(struct output *output);
