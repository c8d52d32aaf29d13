/* SPDX-License-Identifier: MIT */
#include "services/media/voice/worker/mp3.h"

#include <lame/lame.h>

#define KBIT_PER_SECOND 64
#define QUALITY 5 /* 0 best, 9 fastest: this is lame's own choice for speed with good sound */
#define CHUNK_SAMPLES 4096
/* What lame asks for: 1.25 × samples + 7200 bytes. */
#define CHUNK_BYTES (CHUNK_SAMPLES * 5 / 4 + 7200)

struct mp3 {
    lame_t lame;
    struct buffer *out;
    unsigned char chunk[CHUNK_BYTES];
};

static bool configure(lame_t lame, unsigned rate_hz)
{
    lame_set_num_channels(lame, 1);
    lame_set_mode(lame, MONO);
    lame_set_in_samplerate(lame, (int)rate_hz);
    lame_set_out_samplerate(lame, (int)rate_hz);
    lame_set_brate(lame, KBIT_PER_SECOND);
    lame_set_quality(lame, QUALITY);
    lame_set_bWriteVbrTag(lame,
                          0); /* it would have to be written into the first frame afterwards */
    return lame_init_params(lame) >= 0;
}

struct mp3 *mp3_new(unsigned rate_hz, struct buffer *out)
{
    AUTO(mp3_free) struct mp3 *mp3 = calloc(1, sizeof(*mp3));
    if (!mp3)
        abort();
    mp3->out = out;
    mp3->lame = lame_init();
    if (!mp3->lame || !configure(mp3->lame, rate_hz))
        return NULL;
    return TAKE(mp3);
}

static bool keep(struct mp3 *mp3, int size)
{
    if (size < 0)
        return false;
    buffer_add(mp3->out, mp3->chunk, (size_t)size);
    return !mp3->out->overflowed;
}

bool mp3_add(struct mp3 *mp3, const int16_t *samples, size_t count)
{
    while (count > 0) {
        size_t part = count < CHUNK_SAMPLES ? count : CHUNK_SAMPLES;
        if (!keep(mp3,
                  lame_encode_buffer(mp3->lame, samples, NULL, (int)part, mp3->chunk, CHUNK_BYTES)))
            return false;
        samples += part;
        count -= part;
    }
    return true;
}

bool mp3_finish(struct mp3 *mp3)
{
    return keep(mp3, lame_encode_flush(mp3->lame, mp3->chunk, CHUNK_BYTES));
}

void mp3_free(struct mp3 *mp3)
{
    if (!mp3)
        return;
    if (mp3->lame)
        lame_close(mp3->lame);
    free(mp3);
}
