/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/loudness.h"

#include "services/media/audio/worker/decode.h"
#include "tests/unit/services/media/audio/sounds.h"

#include <math.h>

static struct loudness measure(const struct buffer *file)
{
    const struct decode_wish wish = {.max_ms = 60000, .channels_max = 2};
    struct decoded decoded = {0};
    struct loudness loudness;
    assert_true(decode_file(buffer_slice(file), &wish, &decoded));
    loudness_measure(&decoded.pcm, &loudness);
    pcm_done(&decoded.pcm);
    return loudness;
}

static void it_is_what_ffmpeg_says(void **state)
{
    (void)state;
    static const char *const makes[] = {
        NOISE("3") "-ac 2 a.wav",
        NOISE("3") "-ac 1 a.mp3",
        TONE("5") "-ac 1 a.wav",
        TONE("2") "-ar 8000 -ac 1 a.wav",
        NOISE("3") "-ar 96000 -ac 2 -c:a pcm_s24le a.wav",
        NOISE("3") "-af volume=-40dB -ac 2 -c:a pcm_s24le quiet.wav",
        NOISE("3") "-af volume=30dB -ac 2 clipped.wav",
        NOISE("3") "-c:a libvorbis a.ogg",
        NOISE("3") "a.opus",
        NOISE("3") "a.m4a",
        NOISE("1") "-af apad=pad_dur=4 pause.wav",
    };
    for (size_t i = 0; i < ARRAY_LEN(makes); i++) {
        AUTO_SOUND(file);
        double lufs, peak_dbtp;
        sounds_make(makes[i], &file);
        struct loudness loudness = measure(&file);
        sounds_measure(buffer_slice(&file), &lufs, &peak_dbtp);
        assert_false(loudness.is_silent);
        if (fabs(loudness.lufs - lufs) > 0.3 || fabs(loudness.peak_dbtp - peak_dbtp) > 0.3)
            fail_msg("%s: %.2f LUFS is not %.2f, or %.2f dBTP not %.2f", makes[i], loudness.lufs,
                     lufs, loudness.peak_dbtp, peak_dbtp);
    }
}

/* A full sine of 997 Hz has −3.01 LUFS by definition. */
static void a_known_sine_has_its_loudness(void **state)
{
    (void)state;
    AUTO_PCM(pcm);
    pcm.rate_hz = 48000;
    pcm.channels = 1;
    assert_true(pcm_reserve(&pcm, 96000));
    for (size_t i = 0; i < 96000; i++)
        pcm.samples[i] = (float)(0.1 * sin(2 * M_PI * 997 / 48000 * (double)i));
    pcm.frames = 96000;
    struct loudness loudness;
    loudness_measure(&pcm, &loudness);
    assert_true(fabs(loudness.lufs - -23.01) < 0.05);
    assert_true(fabs(loudness.peak_dbtp - -20) < 0.05);
}

static void a_short_sound_is_as_loud_as_when_it_is_repeated(void **state)
{
    (void)state;
    static const char *const makes[] = {TONE("0.05") "a.wav", TONE("0.2") "a.wav",
                                        TONE("0.399") "a.wav"};
    AUTO_SOUND(file);
    sounds_make(TONE("3") "a.wav", &file);
    double lufs = measure(&file).lufs;
    for (size_t i = 0; i < ARRAY_LEN(makes); i++) {
        sounds_make(makes[i], &file);
        struct loudness loudness = measure(&file);
        assert_false(loudness.is_silent);
        assert_true(fabs(loudness.lufs - lufs) < 0.3);
    }
}

static void silence_is_silent(void **state)
{
    (void)state;
    static const char *const makes[] = {
        "-f lavfi -i anullsrc=r=44100:cl=stereo -t 2 a.wav",
        "-f lavfi -i anullsrc=r=44100:cl=stereo -t 2 a.mp3",
        "-f lavfi -i anullsrc=r=44100:cl=mono -t 0.05 a.wav",
        NOISE("2") "-af volume=-80dB -c:a pcm_f32le a.wav",
    };
    for (size_t i = 0; i < ARRAY_LEN(makes); i++) {
        AUTO_SOUND(file);
        sounds_make(makes[i], &file);
        assert_true(measure(&file).is_silent);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_ffmpeg_says),
        cmocka_unit_test(a_known_sine_has_its_loudness),
        cmocka_unit_test(a_short_sound_is_as_loud_as_when_it_is_repeated),
        cmocka_unit_test(silence_is_silent),
    };
    return cmocka_run_group_tests(tests, sounds_set_up, sounds_tear_down);
}
