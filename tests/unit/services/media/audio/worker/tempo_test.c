/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/tempo.h"

#include "services/media/audio/worker/decode.h"
#include "tests/unit/services/media/audio/sounds.h"

#include <libavutil/log.h>
#include <math.h>

#define RATE_HZ 22050
#define SECONDS 4
#define TONE_HZ 300

/* Four seconds of a tone at another tempo. */
static struct decoded play(double factor, size_t part)
{
    const struct encoder_options options = {AUDIO_WAV, RATE_HZ, 1, 0, 0};
    AUTO_SOUND(file);
    AUTO(encoder_free) struct encoder *encoder = encoder_new(&options, &file);
    AUTO(tempo_free) struct tempo *tempo = tempo_new(factor, RATE_HZ, encoder);
    float samples[8192];
    for (size_t done = 0; done < (size_t)SECONDS * RATE_HZ; done += part) {
        size_t left = (size_t)SECONDS * RATE_HZ - done;
        size_t count = left < part ? left : part;
        for (size_t i = 0; i < count; i++)
            samples[i] = (float)(0.5 * sin(2 * M_PI * TONE_HZ / RATE_HZ * (double)(done + i)));
        assert_true(tempo_add(tempo, samples, count));
    }
    assert_true(tempo_finish(tempo));
    assert_true(encoder_finish(encoder));
    const struct decode_wish wish = {.max_ms = 60000, .channels_max = 1};
    struct decoded decoded = {0};
    assert_true(decode_file(buffer_slice(&file), &wish, &decoded));
    return decoded;
}

/* By its upward crossings of zero. */
static double pitch_hz(const struct pcm *pcm)
{
    unsigned crossings = 0;
    for (size_t i = 1; i < pcm->frames; i++)
        crossings += pcm->samples[i - 1] < 0 && pcm->samples[i] >= 0;
    return crossings / ((double)pcm->frames / RATE_HZ);
}

static void the_tempo_changes_and_the_pitch_stays(void **state)
{
    (void)state;
    static const double factors[] = {TEMPO_MIN, 0.3, 0.5, 0.75, 1.3, 2, 2.1, TEMPO_MAX};
    for (size_t i = 0; i < ARRAY_LEN(factors); i++) {
        struct decoded played = play(factors[i], 4096);
        double seconds = (double)played.pcm.frames / RATE_HZ;
        double pitch = pitch_hz(&played.pcm);
        if (fabs(seconds - SECONDS / factors[i]) > 0.02 * SECONDS / factors[i] + 0.03 ||
            fabs(pitch - TONE_HZ) > 0.03 * TONE_HZ)
            fail_msg("tempo %f: %f s, %f Hz", factors[i], seconds, pitch);
        pcm_done(&played.pcm);
    }
}

static void parts_of_any_size_make_the_same_sound(void **state)
{
    (void)state;
    struct decoded first = play(1.5, 8192);
    static const size_t parts[] = {100, 1000, 4096};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct decoded other = play(1.5, parts[i]);
        assert_int_equal(other.pcm.frames, first.pcm.frames);
        pcm_done(&other.pcm);
    }
    pcm_done(&first.pcm);
}

static int set_up(void **state)
{
    av_log_set_level(AV_LOG_QUIET);
    return sounds_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tempo_changes_and_the_pitch_stays),
        cmocka_unit_test(parts_of_any_size_make_the_same_sound),
    };
    return cmocka_run_group_tests(tests, set_up, sounds_tear_down);
}
