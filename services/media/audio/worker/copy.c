/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/copy.h"

#include "services/media/audio/worker/encode.h"

#include <math.h>

#define GAIN_MIN_DB 0.5 /* less is not worth another loss of quality */
#define LOUDNESS_TOLERANCE_DB 0.3
#define CORRECTION_MIN_DB 0.05
#define PEAK_STEP_DB 0.1 /* below the highest peak is what a correction aims at */
#define ATTEMPTS 4

/* Bits per second that are tried, downwards. */
static const unsigned bit_rates[] = {320000, 256000, 224000, 192000, 160000, 128000, 112000, 96000,
                                     80000,  64000,  56000,  48000,  40000,  32000,  24000,  16000};

struct copy {
    const struct decoded *sound;
    const struct audio_wish *wish;
    struct buffer *out;
};

/* False when it can't be made so, or gets too large. */
static bool encode(const struct copy *copy, unsigned bit_rate, double gain_db)
{
    const struct pcm *pcm = &copy->sound->pcm;
    const enum audio_format format = (enum audio_format)copy->wish->copy_format;
    const struct encoder_options options = {
        .format = format,
        .rate_hz = pcm->rate_hz,
        .channels = pcm->channels,
        .bit_rate = bit_rate,
        .gain_db = gain_db + encoder_loss_db(format, bit_rate),
    };
    AUTO(encoder_free) struct encoder *encoder = encoder_new(&options, copy->out);
    return encoder && encoder_add(encoder, pcm->samples, pcm->frames) && encoder_finish(encoder) &&
           copy->out->size <= copy->wish->copy_max_bytes;
}

/* The highest rate that is no more than a little above the sound's own, and likely to fit. */
static size_t first_rate(const struct copy *copy)
{
    const struct pcm *pcm = &copy->sound->pcm;
    double fitting = copy->wish->copy_max_bytes * 8.0 * pcm->rate_hz / (double)pcm->frames;
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(bit_rates) &&
           (bit_rates[i] > 1.1 * copy->sound->bit_rate || bit_rates[i] > fitting))
        i++;
    return i;
}

/* Finds the rate, from *rate on, at which it is small enough. */
static bool encode_small(const struct copy *copy, size_t *rate, double gain_db)
{
    if (copy->wish->copy_format == AUDIO_WAV)
        return encode(copy, 0, gain_db);
    for (; *rate < ARRAY_LEN(bit_rates); ++*rate)
        if (encode(copy, bit_rates[*rate], gain_db))
            return true;
    return false;
}

static bool measure(const struct copy *copy, struct loudness *ret_loudness)
{
    const struct decode_wish wish = {.max_ms = copy->wish->max_ms, .channels_max = 2};
    struct decoded decoded = {0};
    bool is_sound = decode_file(buffer_slice(copy->out), &wish, &decoded);
    if (is_sound)
        loudness_measure(&decoded.pcm, ret_loudness);
    pcm_done(&decoded.pcm);
    return is_sound && !ret_loudness->is_silent;
}

/* How much louder the next attempt should be than the copy was; 0 when it is good. */
static double find_correction(const struct loudness *copy, double target_lufs, double peak_max_dbtp)
{
    double room = peak_max_dbtp - copy->peak_dbtp;
    double wanted = target_lufs - copy->lufs;
    if (room < 0)
        return fmin(wanted, room - PEAK_STEP_DB);
    if (fabs(wanted) <= LOUDNESS_TOLERANCE_DB)
        return 0;
    return wanted < 0 ? wanted : fmax(fmin(wanted, room - PEAK_STEP_DB), 0);
}

/* An encoder's loss moves peaks, and at low rates loudness too: a copy is measured, and made again
 * with another gain when it is not as it should be. Returns the gain, 0 for no copy. */
static double make(const struct copy *copy, double target_lufs, double gain_db)
{
    size_t rate = first_rate(copy);
    const double peak_max_dbtp = (double)copy->wish->peak_max_dbtp;
    const bool is_raised = gain_db > 0;
    struct loudness loudness = {0};
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        if (!encode_small(copy, &rate, gain_db) || !measure(copy, &loudness))
            return 0;
        double correction = find_correction(&loudness, target_lufs, peak_max_dbtp);
        if (fabs(correction) < CORRECTION_MIN_DB)
            return gain_db;
        if (i + 1 < ATTEMPTS)
            gain_db += correction;
        if (is_raised && gain_db <= 0)
            return 0;
    }
    return loudness.peak_dbtp <= peak_max_dbtp ? gain_db : 0;
}

static double find_gain(const struct loudness *loudness, const struct audio_wish *wish)
{
    double wanted = (double)wish->loudness_lufs - loudness->lufs;
    double room = (double)wish->peak_max_dbtp - loudness->peak_dbtp - PEAK_STEP_DB;
    double gain = fmin(wanted, room);
    return wanted > 0 ? fmax(gain, 0) : gain; /* what is too quiet is not made quieter */
}

double copy_make(const struct decoded *sound, const struct loudness *loudness,
                 const struct audio_wish *wish, struct buffer *out)
{
    buffer_clear(out);
    double gain_db = loudness->is_silent ? 0 : find_gain(loudness, wish);
    if (fabs(gain_db) < GAIN_MIN_DB)
        return 0;
    const struct copy copy = {.sound = sound, .wish = wish, .out = out};
    gain_db = make(&copy, loudness->lufs + gain_db, gain_db);
    if (gain_db == 0)
        buffer_clear(out);
    return gain_db;
}
