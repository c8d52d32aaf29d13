/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/handle.h"

#include "services/media/audio/wire.h"
#include "services/media/audio/worker/convert.h"
#include "services/media/audio/worker/copy.h"
#include "services/media/audio/worker/decode.h"
#include "services/media/audio/worker/encode.h"
#include "services/media/audio/worker/loudness.h"
#include "services/media/audio/worker/tempo.h"

#include <assert.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <math.h>

#define ALLOCATION_MAX ((size_t)128 * 1024 * 1024) /* FFmpeg's, for one object */
#define EXAMINE_MAX_MS 60000u                      /* must fit into PCM_BYTES_MAX */
#define DECODE_MAX_MS (60u * 60 * 1000)
#define SPEECH_MP3_BITS 64000
#define SPEECH_OPUS_BITS 32000
#define CHUNK_SAMPLES 4096

static_assert((EXAMINE_MAX_MS + DECODE_PAST_MS) / 1000 * CONVERT_RATE_MAX_HZ * 2 * sizeof(float) <
                  PCM_BYTES_MAX,
              "the longest sound is measured whole");

void audio_handle_init(void)
{
    av_log_set_level(AV_LOG_QUIET);
    av_max_alloc(ALLOCATION_MAX);
}

/* Takes the head off the request. */
static bool read_head(struct slice *request, void *head, size_t size)
{
    if (request->size <= size)
        return false;
    memcpy(head, request->data, size);
    *request = (struct slice){(const char *)request->data + size, request->size - size};
    return true;
}

static bool wish_is_sane(const struct audio_wish *wish)
{
    return wish->max_ms <= EXAMINE_MAX_MS && isfinite(wish->loudness_lufs) &&
           isfinite(wish->peak_max_dbtp) && wish->copy_format <= AUDIO_FORMAT_OF_FILE &&
           wish->copy_max_bytes <= AUDIO_FILE_MAX;
}

/* Fills the measure, and the copy if there is to be one. */
static void describe(const struct decoded *sound, struct audio_wish *wish,
                     struct audio_measure *measure, struct buffer *copy)
{
    struct loudness loudness = {.is_silent = true};
    if (wish->measure)
        loudness_measure(&sound->pcm, &loudness);
    if (wish->copy_format == AUDIO_FORMAT_OF_FILE)
        wish->copy_format = sound->format;
    *measure = (struct audio_measure){
        .format = sound->format,
        .duration_ms = sound->duration_ms,
        .copy_format = wish->copy_format,
        .is_silent = loudness.is_silent,
        .loudness_lufs = (float)loudness.lufs,
        .peak_dbtp = (float)loudness.peak_dbtp,
    };
    if (wish->measure && wish->normalise && measure->duration_ms <= wish->max_ms)
        measure->gain_db = (float)copy_make(sound, &loudness, wish, copy);
}

static bool examine(struct slice request, struct buffer *out)
{
    struct audio_wish wish;
    if (!read_head(&request, &wish, sizeof(wish)) || !wish_is_sane(&wish))
        return false;
    const struct decode_wish decode_wish = {
        .max_ms = wish.max_ms,
        .channels_max = 2,
        .counts_only = !wish.measure,
    };
    struct decoded sound = {0};
    bool is_sound = decode_file(request, &decode_wish, &sound);
    if (is_sound) {
        struct audio_measure measure;
        AUTO_BUFFER(copy, wish.copy_max_bytes);
        describe(&sound, &wish, &measure, &copy);
        buffer_add(out, &measure, sizeof(measure));
        buffer_add(out, buffer_text(&copy), copy.size);
    }
    pcm_done(&sound.pcm);
    return is_sound;
}

static bool encoding_is_sane(const struct audio_encoding *encoding)
{
    bool is_format = encoding->format == AUDIO_MP3 || encoding->format == AUDIO_WAV ||
                     encoding->format == AUDIO_OGG_OPUS;
    return is_format && encoding->rate_hz >= CONVERT_RATE_MIN_HZ &&
           encoding->rate_hz <= CONVERT_RATE_MAX_HZ && encoding->tempo >= (float)TEMPO_MIN &&
           encoding->tempo <= (float)TEMPO_MAX;
}

static bool add_speech(struct encoder *encoder, struct tempo *tempo, struct slice speech)
{
    float chunk[CHUNK_SAMPLES];
    const char *at = speech.data;
    for (size_t left = speech.size / sizeof(int16_t); left > 0;) {
        size_t count = left < CHUNK_SAMPLES ? left : CHUNK_SAMPLES;
        for (size_t i = 0; i < count; i++, at += sizeof(int16_t)) {
            int16_t sample;
            memcpy(&sample, at, sizeof(sample));
            chunk[i] = (float)sample / 32768;
        }
        if (!(tempo ? tempo_add(tempo, chunk, count) : encoder_add(encoder, chunk, count)))
            return false;
        left -= count;
    }
    return !tempo || tempo_finish(tempo);
}

static bool encode(struct slice request, struct buffer *out)
{
    struct audio_encoding encoding;
    if (!read_head(&request, &encoding, sizeof(encoding)) || !encoding_is_sane(&encoding))
        return false;
    const struct encoder_options options = {
        .format = (enum audio_format)encoding.format,
        .rate_hz = encoding.rate_hz,
        .channels = 1,
        .bit_rate = encoding.format == AUDIO_OGG_OPUS ? SPEECH_OPUS_BITS : SPEECH_MP3_BITS,
    };
    AUTO(encoder_free) struct encoder *encoder = encoder_new(&options, out);
    if (!encoder)
        return false;
    AUTO(tempo_free) struct tempo *tempo = NULL;
    if (encoding.tempo != 1)
        tempo = tempo_new((double)encoding.tempo, encoding.rate_hz, encoder);
    return add_speech(encoder, tempo, request) && encoder_finish(encoder);
}

/* 1.0 is one more than the highest sample of 16 bits. */
static int16_t to_16_bits(float sample)
{
    return (int16_t)lrintf(fminf(fmaxf(sample * 32768, INT16_MIN), INT16_MAX));
}

static bool decode(struct slice request, struct buffer *out)
{
    struct audio_decoding decoding;
    if (!read_head(&request, &decoding, sizeof(decoding)) ||
        decoding.rate_hz < CONVERT_RATE_MIN_HZ || decoding.rate_hz > CONVERT_RATE_MAX_HZ ||
        decoding.max_ms > DECODE_MAX_MS)
        return false;
    const struct decode_wish wish = {
        .max_ms = decoding.max_ms, .rate_hz = decoding.rate_hz, .channels_max = 1};
    struct decoded sound = {0};
    bool is_sound = decode_file(request, &wish, &sound);
    size_t most = (size_t)decoding.max_ms * decoding.rate_hz / 1000;
    for (size_t i = 0; is_sound && i < sound.pcm.frames && i < most; i++) {
        int16_t sample = to_16_bits(sound.pcm.samples[i]);
        buffer_add(out, &sample, sizeof(sample));
    }
    pcm_done(&sound.pcm);
    return is_sound;
}

enum worker_result audio_handle(uint32_t code, char *request, uint32_t size, struct buffer *out)
{
    const struct slice bytes = {request, size};
    bool is_done = code == AUDIO_EXAMINE  ? examine(bytes, out)
                   : code == AUDIO_ENCODE ? encode(bytes, out)
                   : code == AUDIO_DECODE ? decode(bytes, out)
                                          : false;
    return is_done ? WORKER_READY : WORKER_REFUSED;
}
