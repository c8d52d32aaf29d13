/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/encode.h"

#include "services/media/audio/worker/decode.h"
#include "tests/unit/services/media/audio/sounds.h"

#include <libavutil/log.h>
#include <math.h>

static const enum audio_format all_formats[] = {AUDIO_MP3, AUDIO_WAV, AUDIO_OGG_VORBIS,
                                                AUDIO_OGG_OPUS, AUDIO_M4A};

/* A tone of 300 Hz at half of full scale. */
static bool encode_tone(const struct encoder_options *options, size_t frames, size_t part,
                        struct buffer *out)
{
    AUTO(encoder_free) struct encoder *encoder = encoder_new(options, out);
    if (!encoder)
        return false;
    float samples[2 * 5000];
    for (size_t done = 0; done < frames; done += part) {
        size_t count = frames - done < part ? frames - done : part;
        for (size_t i = 0; i < count * options->channels; i++)
            samples[i] = (float)(0.5 * sin(2 * M_PI * 300 / options->rate_hz *
                                           (double)(done + i / options->channels)));
        if (!encoder_add(encoder, samples, count))
            return false;
    }
    return encoder_finish(encoder);
}

static struct decoded decode(const struct buffer *file)
{
    const struct decode_wish wish = {.max_ms = 60000, .channels_max = 2};
    struct decoded decoded = {0};
    assert_true(decode_file(buffer_slice(file), &wish, &decoded));
    return decoded;
}

static double power_of(const struct pcm *pcm)
{
    double sum = 0;
    for (size_t i = 0; i < pcm->frames * pcm->channels; i++)
        sum += (double)pcm->samples[i] * (double)pcm->samples[i];
    return sum / (double)(pcm->frames * pcm->channels);
}

static void what_goes_in_comes_out_in_every_format(void **state)
{
    (void)state;
    static const unsigned rates[] = {8000, 22050, 44100, 48000, 96000};
    for (size_t i = 0; i < ARRAY_LEN(all_formats); i++)
        for (size_t k = 0; k < ARRAY_LEN(rates); k++)
            for (unsigned channels = 1; channels <= 2; channels++) {
                const struct encoder_options options = {all_formats[i], rates[k], channels, 64000,
                                                        0};
                AUTO_SOUND(file);
                assert_true(encode_tone(&options, rates[k] * 3 / 2, 5000, &file));
                struct decoded decoded = decode(&file);
                assert_int_equal(decoded.format, all_formats[i]);
                assert_int_equal(decoded.pcm.channels, channels);
                if (decoded.duration_ms < 1499 || decoded.duration_ms > 1500)
                    fail_msg("%u ms, format %u of %u Hz", decoded.duration_ms, all_formats[i],
                             rates[k]);
                double power = power_of(&decoded.pcm);
                if (power < 0.11 || power > 0.14) /* 0.125 */
                    fail_msg("power %f, format %u of %u Hz", power, all_formats[i], rates[k]);
                pcm_done(&decoded.pcm);
            }
}

static void ffmpeg_reads_the_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all_formats); i++) {
        const struct encoder_options options = {all_formats[i], 44100, 2, 128000, 0};
        AUTO_SOUND(file);
        assert_true(encode_tone(&options, 44100, 5000, &file));
        double seconds = sounds_seconds(buffer_slice(&file));
        if (fabs(seconds - 1) > 0.024) /* a frame of AAC, whose end ffmpeg leaves as it is */
            fail_msg("%f s, format %u", seconds, all_formats[i]);
    }
}

static void rates_are_the_next_that_the_format_knows(void **state)
{
    (void)state;
    static const struct {
        enum audio_format format;
        unsigned from_hz, to_hz;
    } rates[] = {{AUDIO_MP3, 22050, 22050},        {AUDIO_MP3, 44000, 44100},
                 {AUDIO_MP3, 96000, 48000},        {AUDIO_MP3, 4000, 8000},
                 {AUDIO_WAV, 12345, 12345},        {AUDIO_WAV, 192000, 192000},
                 {AUDIO_OGG_VORBIS, 96000, 48000}, {AUDIO_M4A, 44100, 44100},
                 {AUDIO_M4A, 192000, 48000},       {AUDIO_OGG_OPUS, 44100, 48000}};
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        const struct encoder_options options = {rates[i].format, rates[i].from_hz, 1, 32000, 0};
        AUTO_SOUND(file);
        assert_true(encode_tone(&options, rates[i].from_hz, 1000, &file));
        struct decoded decoded = decode(&file);
        assert_int_equal(decoded.pcm.rate_hz, rates[i].to_hz);
        pcm_done(&decoded.pcm);
    }
}

static void parts_of_any_size_make_the_same_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all_formats); i++) {
        const struct encoder_options options = {all_formats[i], 24000, 1, 48000, 0};
        static const size_t parts[] = {1, 333, 1152, 5000};
        AUTO_SOUND(first);
        assert_true(encode_tone(&options, 6000, 6000 / 2, &first));
        for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
            AUTO_SOUND(file);
            assert_true(encode_tone(&options, 6000, parts[k], &file));
            assert_int_equal(file.size, first.size);
            assert_memory_equal(file.data, first.data, file.size);
        }
    }
}

static void bit_rates_are_about_what_was_asked_for(void **state)
{
    (void)state;
    static const unsigned bit_rates[] = {48000, 96000, 160000};
    AUTO_SOUND(noise);
    sounds_make(NOISE("4") "-ac 2 noise.wav", &noise);
    struct decoded sound = decode(&noise);
    for (size_t i = 0; i < ARRAY_LEN(all_formats); i++)
        for (size_t k = 0; k < ARRAY_LEN(bit_rates) && all_formats[i] != AUDIO_WAV; k++) {
            const struct encoder_options options = {all_formats[i], 44100, 2, bit_rates[k], 0};
            AUTO_SOUND(file);
            AUTO(encoder_free) struct encoder *encoder = encoder_new(&options, &file);
            assert_non_null(encoder);
            assert_true(encoder_add(encoder, sound.pcm.samples, sound.pcm.frames));
            assert_true(encoder_finish(encoder));
            double rate = (double)file.size * 8 / 4;
            if (rate < 0.6 * bit_rates[k] || rate > 1.3 * bit_rates[k])
                fail_msg("%.0f bit/s instead of %u, format %u", rate, bit_rates[k], all_formats[i]);
        }
    pcm_done(&sound.pcm);
}

static void gain_is_added_and_what_an_encoder_takes_is_known(void **state)
{
    (void)state;
    static const unsigned bit_rates[] = {64000, 128000, 192000, 224000, 256000};
    static const double gains_db[] = {-20, -3, 0, 3};
    for (size_t i = 0; i < ARRAY_LEN(all_formats); i++)
        for (size_t k = 0; k < ARRAY_LEN(bit_rates) * ARRAY_LEN(gains_db); k++) {
            unsigned bit_rate = bit_rates[k / ARRAY_LEN(gains_db)];
            double gain_db = gains_db[k % ARRAY_LEN(gains_db)];
            const struct encoder_options options = {all_formats[i], 44100, 2, bit_rate, gain_db};
            AUTO_SOUND(file);
            assert_true(encode_tone(&options, 44100, 5000, &file));
            struct decoded decoded = decode(&file);
            double change_db = 10 * log10(power_of(&decoded.pcm) / 0.125);
            pcm_done(&decoded.pcm);
            if (fabs(change_db - gain_db + encoder_loss_db(all_formats[i], bit_rate)) > 0.25)
                fail_msg("%.2f dB for %.2f, format %u at %u", change_db, gain_db, all_formats[i],
                         bit_rate);
        }
}

static void beyond_full_scale_is_clipped(void **state)
{
    (void)state;
    const struct encoder_options options = {AUDIO_WAV, 8000, 1, 0, 0};
    AUTO_SOUND(file);
    AUTO(encoder_free) struct encoder *encoder = encoder_new(&options, &file);
    static const float samples[] = {0, 1, 1.5F, 1000, -1, -2, -1000};
    assert_true(encoder_add(encoder, samples, ARRAY_LEN(samples)));
    assert_true(encoder_finish(encoder));
    int16_t kept[ARRAY_LEN(samples)];
    memcpy(kept, file.data + file.size - sizeof(kept), sizeof(kept));
    static const int16_t expected[] = {0, 32767, 32767, 32767, -32768, -32768, -32768};
    assert_memory_equal(kept, expected, sizeof(kept));
}

static void a_file_that_gets_too_large_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all_formats); i++) {
        const struct encoder_options options = {all_formats[i], 44100, 2, 128000, 0};
        for (size_t max = 0; max < 10000; max = 3 * max + 10) {
            AUTO_BUFFER(file, max);
            assert_false(encode_tone(&options, 3 * 44100, 5000, &file));
        }
    }
}

static void nothing_makes_a_file_without_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all_formats); i++) {
        const struct encoder_options options = {all_formats[i], 44100, 1, 64000, 0};
        AUTO_SOUND(file);
        (void)encode_tone(&options, 0, 1, &file); /* and does no harm */
    }
}

static int set_up(void **state)
{
    av_log_set_level(AV_LOG_QUIET);
    return sounds_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out_in_every_format),
        cmocka_unit_test(ffmpeg_reads_the_files),
        cmocka_unit_test(rates_are_the_next_that_the_format_knows),
        cmocka_unit_test(parts_of_any_size_make_the_same_file),
        cmocka_unit_test(bit_rates_are_about_what_was_asked_for),
        cmocka_unit_test(gain_is_added_and_what_an_encoder_takes_is_known),
        cmocka_unit_test(beyond_full_scale_is_clipped),
        cmocka_unit_test(a_file_that_gets_too_large_fails),
        cmocka_unit_test(nothing_makes_a_file_without_sound),
    };
    return cmocka_run_group_tests(tests, set_up, sounds_tear_down);
}
