/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/gzip.h"

#include <assert.h>
#include <zlib.h>

#define GZIP_LEVEL 1 /* a load source: speed over size */
#define GZIP_FLUSH_BYTES 16

struct gzip {
    z_stream stream;
};

struct gzip *gzip_new(void)
{
    struct gzip *gzip = calloc(1, sizeof(*gzip));
    if (!gzip || deflateInit2(&gzip->stream, GZIP_LEVEL, Z_DEFLATED, MAX_WBITS + 16, 8,
                              Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    return gzip;
}

struct slice gzip_pack(struct gzip *gzip, struct arena *arena, struct slice plain)
{
    z_stream *stream = &gzip->stream;
    deflateReset(stream);
    size_t capacity = deflateBound(stream, plain.size) + GZIP_FLUSH_BYTES;
    stream->next_out = arena_alloc(arena, capacity);
    stream->avail_out = (uInt)capacity;
    stream->next_in = (Bytef *)plain.data;
    stream->avail_in = (uInt)plain.size;

    const Bytef *start = stream->next_out;
    deflate(stream, Z_SYNC_FLUSH);
    int end = deflate(stream, Z_FINISH);
    assert(end == Z_STREAM_END);
    (void)end;
    return (struct slice){start, stream->total_out};
}

void gzip_free(struct gzip *gzip)
{
    if (!gzip)
        return;
    deflateEnd(&gzip->stream);
    free(gzip);
}
