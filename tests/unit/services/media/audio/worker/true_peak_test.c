/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/true_peak.h"

#include <ebur128.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FRAMES 5000

static float samples[2 * FRAMES];

static struct pcm sound(size_t frames, unsigned rate_hz, unsigned channels)
{
    return (struct pcm){samples, frames, frames, rate_hz, channels};
}

/* It begins and ends softly: a sine that is cut off rings higher than it is. */
static void fill_sine(double radians_a_frame, double phase, double height)
{
    for (size_t i = 0; i < FRAMES; i++) {
        double envelope = sin(M_PI * (double)i / FRAMES);
        samples[i] = (float)(height * envelope * sin(radians_a_frame * (double)i + phase));
    }
}

static double in_db(double level)
{
    return 20 * log10(level);
}

static void a_peak_between_samples_is_found(void **state)
{
    (void)state;
    fill_sine(M_PI / 2, M_PI / 4, 1); /* all samples are at 0.707 */
    const struct pcm pcm = sound(FRAMES, 44100, 1);
    assert_true(fabs(in_db(true_peak(&pcm))) < 0.1);
}

static void a_slow_sound_has_the_peak_of_its_samples(void **state)
{
    (void)state;
    fill_sine(0.01, 0, 0.5);
    const struct pcm pcm = sound(FRAMES, 44100, 1);
    assert_true(fabs(true_peak(&pcm) - 0.5) < 0.005);
}

static void it_is_no_less_than_what_libebur128_says(void **state)
{
    (void)state;
    srand(1);
    for (unsigned round = 0; round < 20; round++) {
        for (size_t i = 0; i < 2 * FRAMES; i++)
            samples[i] = (float)rand() / (float)RAND_MAX - 0.5F;
        const struct pcm pcm = sound(FRAMES, 48000, 2);
        ebur128_state *meter = ebur128_init(2, 48000, EBUR128_MODE_TRUE_PEAK);
        double left = 0, right = 0;
        ebur128_add_frames_float(meter, samples, FRAMES);
        ebur128_true_peak(meter, 0, &left);
        ebur128_true_peak(meter, 1, &right);
        ebur128_destroy(&meter);
        double more_db = in_db(true_peak(&pcm)) - in_db(fmax(left, right));
        assert_true(more_db > -0.1 && more_db < 1.5); /* white noise is the worst there is */
    }
}

static void the_highest_of_the_channels_counts(void **state)
{
    (void)state;
    memset(samples, 0, sizeof(samples));
    samples[2 * 3000 + 1] = -0.75F;
    samples[2 * 4000] = 0.25F;
    const struct pcm pcm = sound(FRAMES, 44100, 2);
    assert_true(fabs(true_peak(&pcm) - 0.75) < 0.001);
}

static void both_ends_count(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 2, 11, 1023, 1024, 1025, FRAMES};
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        memset(samples, 0, sizeof(samples));
        samples[0] = 0.5F;
        const struct pcm pcm = sound(lengths[i], 44100, 1);
        assert_true(fabs(true_peak(&pcm) - 0.5) < 0.001);
        samples[lengths[i] - 1] = 0.75F;
        assert_true(true_peak(&pcm) > 0.7499);
    }
}

static void silence_has_none(void **state)
{
    (void)state;
    memset(samples, 0, sizeof(samples));
    const struct pcm pcm = sound(FRAMES, 44100, 2);
    assert_true(true_peak(&pcm) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peak_between_samples_is_found),
        cmocka_unit_test(a_slow_sound_has_the_peak_of_its_samples),
        cmocka_unit_test(it_is_no_less_than_what_libebur128_says),
        cmocka_unit_test(the_highest_of_the_channels_counts),
        cmocka_unit_test(both_ends_count),
        cmocka_unit_test(silence_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
