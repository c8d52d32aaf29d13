/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/output.h"

#include <libavutil/error.h>
#include <libavutil/mem.h>

#define IO_BUFFER_BYTES 16384

static int write_memory(void *context, uint8_t *data, int size)
{
    struct output *output = context;
    struct buffer *bytes = output->bytes;
    size_t left = (size_t)size;
    size_t known = bytes->size - output->at;
    size_t over = known < left ? known : left;
    if (over > 0)
        memcpy(bytes->data + output->at, data, over);
    buffer_add(bytes, data + over, left - over);
    if (bytes->overflowed)
        return AVERROR(ENOSPC);
    output->at += left;
    return size;
}

static int64_t seek_memory(void *context, int64_t offset, int whence)
{
    struct output *output = context;
    if (whence == AVSEEK_SIZE)
        return (int64_t)output->bytes->size;
    if (whence != SEEK_SET || offset < 0 || (uint64_t)offset > output->bytes->size)
        return AVERROR(EINVAL);
    output->at = (size_t)offset;
    return offset;
}

void output_init(struct output *output, struct buffer *bytes)
{
    buffer_clear(bytes);
    *output = (struct output){.bytes = bytes};
    unsigned char *buffer = av_malloc(IO_BUFFER_BYTES);
    if (buffer)
        output->io =
            avio_alloc_context(buffer, IO_BUFFER_BYTES, 1, output, NULL, write_memory, seek_memory);
    if (!output->io)
        abort();
}

void output_done(struct output *output)
{
    if (output->io)
        av_freep(&output->io->buffer);
    avio_context_free(&output->io);
}
