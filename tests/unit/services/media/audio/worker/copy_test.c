/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/copy.h"

#include "tests/unit/services/media/audio/sounds.h"

#include <libavutil/log.h>
#include <math.h>

static const struct audio_wish usual_wish = {
    .max_ms = 60000,
    .normalise = 1,
    .loudness_lufs = -16,
    .peak_max_dbtp = -1,
    .copy_max_bytes = 102400,
};

/* Copies a file in its own format; returns the gain. */
static double copy_file(const struct buffer *file, const struct audio_wish *wish,
                        struct buffer *out)
{
    const struct decode_wish decode_wish = {.max_ms = 60000, .channels_max = 2};
    struct decoded decoded = {0};
    struct loudness loudness;
    struct audio_wish own = *wish;
    assert_true(decode_file(buffer_slice(file), &decode_wish, &decoded));
    loudness_measure(&decoded.pcm, &loudness);
    own.copy_format = decoded.format;
    double gain = copy_make(&decoded, &loudness, &own, out);
    assert_true((gain == 0) == (out->size == 0));
    pcm_done(&decoded.pcm);
    return gain;
}

static double make_copy(const char *arguments, const struct audio_wish *wish, struct buffer *copy)
{
    AUTO_SOUND(file);
    sounds_make(arguments, &file);
    return copy_file(&file, wish, copy);
}

/* SPEECH stands for sounds whose peaks stand far out. */
#define SPEECH "-f lavfi -i aevalsrc='0.4*sin(900*t)*sin(9*t)^6':s=44100:d=3 "

static void copies_are_as_loud_as_wished_in_every_format(void **state)
{
    (void)state;
    static const char *const makes[] = {
        NOISE("4") "-ac 2 -b:a 128k a.mp3",
        NOISE("4") "-ac 1 -q:a 5 a.mp3",
        NOISE("4") "-ac 1 -ar 8000 -b:a 16k a.mp3",
        NOISE("1") "-ac 1 a.wav",
        NOISE("1") "-ac 1 -ar 22050 -c:a pcm_f32le a.wav",
        NOISE("4") "-c:a libvorbis -b:a 96k a.ogg",
        NOISE("4") "-ac 1 -ar 8000 -c:a libvorbis a.ogg",
        NOISE("4") "-b:a 64k a.opus",
        NOISE("4") "-b:a 128k a.m4a",
        NOISE("4") "-ac 1 -ar 22050 -b:a 48k a.m4a",
        NOISE("4") "-af volume=12dB -b:a 128k loud.mp3",
        NOISE("4") "-af volume=-40dB -b:a 128k quiet.mp3",
        SPEECH "-b:a 96k a.mp3",
        SPEECH "-af volume=-10dB -c:a libvorbis a.ogg",
    };
    for (size_t i = 0; i < ARRAY_LEN(makes); i++) {
        struct audio_wish wish = usual_wish;
        wish.loudness_lufs = -20;
        AUTO_SOUND(copy);
        double lufs, peak_dbtp;
        if (make_copy(makes[i], &wish, &copy) == 0)
            fail_msg("no copy: %s", makes[i]);
        sounds_measure(buffer_slice(&copy), &lufs, &peak_dbtp);
        if (fabs(lufs - -20) > 0.5 || peak_dbtp > -0.7)
            fail_msg("%.1f LUFS, %.1f dBTP: %s", lufs, peak_dbtp, makes[i]);
        assert_true(copy.size <= wish.copy_max_bytes);
    }
}

static void a_copy_keeps_its_length(void **state)
{
    (void)state;
    static const char *const makes[] = {NOISE("5") "-b:a 96k a.mp3",       NOISE("0.5") "a.wav",
                                        NOISE("5") "-c:a libvorbis a.ogg", NOISE("5") "a.opus",
                                        NOISE("5") "-b:a 96k a.m4a",       NOISE("0.05") "a.mp3"};
    const struct decode_wish decode_wish = {.max_ms = 60000, .channels_max = 2};
    for (size_t i = 0; i < ARRAY_LEN(makes); i++) {
        AUTO_SOUND(file);
        AUTO_SOUND(copy);
        struct decoded before = {0}, after = {0};
        sounds_make(makes[i], &file);
        assert_true(copy_file(&file, &usual_wish, &copy) != 0);
        assert_true(decode_file(buffer_slice(&file), &decode_wish, &before));
        assert_true(decode_file(buffer_slice(&copy), &decode_wish, &after));
        assert_int_equal(after.format, before.format);
        assert_int_equal(after.pcm.channels, before.pcm.channels);
        assert_int_equal(after.pcm.rate_hz, before.pcm.rate_hz);
        assert_true(abs((int)after.duration_ms - (int)before.duration_ms) <= 3);
        pcm_done(&before.pcm);
        pcm_done(&after.pcm);
    }
}

static void peaks_limit_the_gain_and_no_copy_clips(void **state)
{
    (void)state;
    static const char *const makes[] = {
        SPEECH "-af volume=4dB a.wav",
        SPEECH "-b:a 64k a.mp3",
        SPEECH "-c:a libvorbis -q:a 0 a.ogg",
        SPEECH "-b:a 32k a.opus",
        SPEECH "-b:a 48k a.m4a",
        "-f lavfi -i aevalsrc='0.5*lt(mod(t\\,0.5)\\,0.0003)':s=44100:d=2 -b:a 64k clicks.mp3",
    };
    struct audio_wish wish = usual_wish;
    wish.loudness_lufs = -10;
    wish.copy_max_bytes = 1000000;
    for (size_t i = 0; i < ARRAY_LEN(makes); i++) {
        AUTO_SOUND(copy);
        double lufs, peak_dbtp;
        double gain = make_copy(makes[i], &wish, &copy);
        if (gain <= 0)
            fail_msg("%.2f dB: %s", gain, makes[i]);
        sounds_measure(buffer_slice(&copy), &lufs, &peak_dbtp);
        if (peak_dbtp > -0.7 || peak_dbtp < -4 || lufs > -9.5)
            fail_msg("%.1f LUFS, %.1f dBTP: %s", lufs, peak_dbtp, makes[i]);
    }
}

static void what_is_loud_enough_or_silent_gets_no_copy(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    AUTO_SOUND(copy);
    double lufs, peak_dbtp;
    sounds_make(NOISE("3") "a.wav", &file);
    sounds_measure(buffer_slice(&file), &lufs, &peak_dbtp);
    struct audio_wish wish = usual_wish;
    wish.copy_max_bytes = 1000000;
    wish.loudness_lufs = (float)lufs + 0.4F;
    assert_true(copy_file(&file, &wish, &copy) == 0);
    wish.loudness_lufs = (float)lufs + 0.7F;
    assert_true(copy_file(&file, &wish, &copy) > 0.5);
    wish.loudness_lufs = (float)lufs - 0.7F;
    assert_true(copy_file(&file, &wish, &copy) < -0.5);

    sounds_make("-f lavfi -i anullsrc=r=44100:cl=mono -t 1 a.wav", &file);
    assert_true(copy_file(&file, &wish, &copy) == 0);
}

static void what_is_too_quiet_is_not_made_quieter(void **state)
{
    (void)state;
    AUTO_SOUND(copy);
    assert_true(make_copy("-f lavfi -i aevalsrc='lt(mod(t\\,0.5)\\,0.0003)':s=44100:d=2 a.wav",
                          &usual_wish, &copy) == 0);
}

static void a_copy_is_made_small_enough(void **state)
{
    (void)state;
    static const char *const makes[] = {
        NOISE("5") "-b:a 160k a.mp3", NOISE("5") "-c:a libvorbis -b:a 160k a.ogg",
        NOISE("5") "-b:a 160k a.opus", NOISE("5") "-b:a 160k a.m4a"};
    struct audio_wish wish = usual_wish;
    for (size_t i = 0; i < ARRAY_LEN(makes); i++) {
        AUTO_SOUND(copy);
        for (wish.copy_max_bytes = 102400; wish.copy_max_bytes > 30000; wish.copy_max_bytes /= 2) {
            assert_true(make_copy(makes[i], &wish, &copy) != 0);
            assert_true(copy.size <= wish.copy_max_bytes);
            assert_true(copy.size > wish.copy_max_bytes / 3);
        }
        wish.copy_max_bytes = 2000;
        if (make_copy(makes[i], &wish, &copy) != 0)
            fail_msg("%zu bytes: %s", copy.size, makes[i]);
    }
    AUTO_SOUND(copy);
    wish.copy_max_bytes = 102400;
    assert_true(make_copy(NOISE("5") "a.wav", &wish, &copy) == 0);
}

static void a_copy_is_about_as_large_as_the_file(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    AUTO_SOUND(copy);
    struct audio_wish wish = usual_wish;
    wish.copy_max_bytes = 1000000;
    sounds_make(NOISE("5") "-b:a 64k a.mp3", &file);
    assert_true(copy_file(&file, &wish, &copy) != 0);
    assert_true(copy.size < 1.2 * (double)file.size && copy.size > 0.8 * (double)file.size);
}

static int set_up(void **state)
{
    av_log_set_level(AV_LOG_QUIET);
    return sounds_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_as_loud_as_wished_in_every_format),
        cmocka_unit_test(a_copy_keeps_its_length),
        cmocka_unit_test(peaks_limit_the_gain_and_no_copy_clips),
        cmocka_unit_test(what_is_loud_enough_or_silent_gets_no_copy),
        cmocka_unit_test(what_is_too_quiet_is_not_made_quieter),
        cmocka_unit_test(a_copy_is_made_small_enough),
        cmocka_unit_test(a_copy_is_about_as_large_as_the_file),
    };
    return cmocka_run_group_tests(tests, set_up, sounds_tear_down);
}
