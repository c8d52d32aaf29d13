/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/handle.h"

#include "services/media/audio/wire.h"
#include "tests/unit/services/media/audio/sounds.h"

#include <math.h>

static const struct audio_wish usual_wish = {
    .max_ms = 5000,
    .measure = 1,
    .normalise = 1,
    .loudness_lufs = -20,
    .peak_max_dbtp = -1,
    .copy_format = AUDIO_FORMAT_OF_FILE,
    .copy_max_bytes = 102400,
};

static bool ask(uint32_t code, const void *head, size_t head_size, struct slice body,
                struct buffer *answer)
{
    AUTO_SOUND(request);
    buffer_add(&request, head, head_size);
    buffer_add(&request, body.data, body.size);
    buffer_clear(answer);
    return audio_handle(code, request.data, (uint32_t)request.size, answer) == WORKER_READY;
}

static bool examine(const struct buffer *file, const struct audio_wish *wish,
                    struct audio_measure *ret_measure, struct buffer *answer)
{
    if (!ask(AUDIO_EXAMINE, wish, sizeof(*wish), buffer_slice(file), answer))
        return false;
    assert_true(answer->size >= sizeof(*ret_measure));
    memcpy(ret_measure, answer->data, sizeof(*ret_measure));
    return true;
}

static void a_sound_is_measured_and_copied(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    AUTO_SOUND(answer);
    struct audio_measure measure;
    sounds_make(NOISE("5") "-b:a 96k a.mp3", &file);
    assert_true(examine(&file, &usual_wish, &measure, &answer));
    assert_int_equal(measure.format, AUDIO_MP3);
    assert_int_equal(measure.copy_format, AUDIO_MP3);
    assert_int_equal(measure.duration_ms, 5000);
    assert_int_equal(measure.is_silent, 0);
    assert_true(measure.loudness_lufs < -20 && measure.loudness_lufs > -35);
    assert_true(fabsf(measure.loudness_lufs + measure.gain_db + 20) < 1.5F);
    assert_true(answer.size > sizeof(measure) + 30000);
}

static void another_format_is_made_on_request(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    AUTO_SOUND(answer);
    struct audio_measure measure;
    struct audio_wish wish = usual_wish;
    wish.copy_format = AUDIO_OGG_OPUS;
    sounds_make(NOISE("2") "a.wav", &file);
    assert_true(examine(&file, &wish, &measure, &answer));
    assert_int_equal(measure.format, AUDIO_WAV);
    assert_int_equal(measure.copy_format, AUDIO_OGG_OPUS);
    assert_true(memcmp(answer.data + sizeof(measure), "OggS", 4) == 0);
}

static void what_is_not_to_be_copied_is_not(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    AUTO_SOUND(answer);
    struct audio_measure measure;
    struct audio_wish wish = usual_wish;
    sounds_make(NOISE("5.1") "a.ogg", &file);
    assert_true(examine(&file, &wish, &measure, &answer)); /* too long */
    assert_int_equal(measure.duration_ms, 5100);
    assert_int_equal(answer.size, sizeof(measure));
    assert_true(measure.gain_db == 0);

    wish.max_ms = 6000;
    wish.normalise = 0;
    assert_true(examine(&file, &wish, &measure, &answer));
    assert_int_equal(answer.size, sizeof(measure));
    wish.normalise = 1;
    assert_true(examine(&file, &wish, &measure, &answer));
    assert_true(answer.size > sizeof(measure));

    sounds_make("-f lavfi -i anullsrc -t 1 a.mp3", &file);
    assert_true(examine(&file, &wish, &measure, &answer));
    assert_int_equal(answer.size, sizeof(measure));
    assert_int_equal(measure.is_silent, 1);
}

static void what_is_not_to_be_measured_is_only_looked_at(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    AUTO_SOUND(answer);
    struct audio_measure measure;
    struct audio_wish wish = usual_wish;
    wish.measure = 0;
    sounds_make(NOISE("2") "a.m4a", &file);
    assert_true(examine(&file, &wish, &measure, &answer));
    assert_int_equal(measure.format, AUDIO_M4A);
    assert_int_equal(measure.duration_ms, 2000);
    assert_int_equal(measure.is_silent, 1);
    assert_int_equal(answer.size, sizeof(measure));
}

static void wishes_of_nonsense_are_refused(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    AUTO_SOUND(answer);
    struct audio_measure measure;
    sounds_make(TONE("1") "a.wav", &file);
    const struct audio_wish none = usual_wish;
    struct audio_wish wishes[] = {none, none, none, none, none};
    wishes[0].max_ms = 60001;
    wishes[1].loudness_lufs = NAN;
    wishes[2].peak_max_dbtp = INFINITY;
    wishes[3].copy_format = AUDIO_FORMAT_OF_FILE + 1;
    wishes[4].copy_max_bytes = AUDIO_FILE_MAX + 1;
    for (size_t i = 0; i < ARRAY_LEN(wishes); i++)
        assert_false(examine(&file, &wishes[i], &measure, &answer));
}

static void short_and_unknown_requests_are_refused(void **state)
{
    (void)state;
    AUTO_SOUND(answer);
    char request[sizeof(struct audio_wish) + 1] = "";
    for (uint32_t code = 0; code < 5; code++)
        for (uint32_t size = 0; size <= sizeof(request); size++) {
            buffer_clear(&answer);
            assert_int_equal(audio_handle(code, request, size, &answer), WORKER_REFUSED);
        }
}

static void fill_tone(int16_t *samples, size_t count, double rate_hz)
{
    for (size_t i = 0; i < count; i++)
        samples[i] = (int16_t)lrint(16000 * sin(2 * M_PI * 400 / rate_hz * (double)i));
}

static void speech_is_encoded_and_decoded(void **state)
{
    (void)state;
    static const struct {
        struct audio_encoding encoding;
        double seconds;
    } encodings[] = {
        {{AUDIO_MP3, 22050, 1}, 2},        {{AUDIO_WAV, 22050, 1}, 2},
        {{AUDIO_OGG_OPUS, 22050, 1}, 2},   {{AUDIO_MP3, 22050, 2}, 1},
        {{AUDIO_OGG_OPUS, 22050, 4}, 0.5}, {{AUDIO_WAV, 22050, 0.25F}, 8},
        {{AUDIO_MP3, 22050, 1.25F}, 1.6},
    };
    static int16_t samples[44100];
    fill_tone(samples, ARRAY_LEN(samples), 22050);
    for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
        AUTO_SOUND(file);
        AUTO_SOUND(pcm);
        assert_true(ask(AUDIO_ENCODE, &encodings[i].encoding, sizeof(encodings[i].encoding),
                        (struct slice){samples, sizeof(samples)}, &file));
        double seconds = sounds_seconds(buffer_slice(&file));
        if (fabs(seconds - encodings[i].seconds) > 0.02 * encodings[i].seconds + 0.03)
            fail_msg("%f s instead of %f", seconds, encodings[i].seconds);

        const struct audio_decoding decoding = {16000, 60000};
        assert_true(ask(AUDIO_DECODE, &decoding, sizeof(decoding), buffer_slice(&file), &pcm));
        assert_true(fabs((double)pcm.size / 2 / 16000 - seconds) < 0.01);
    }
}

static void encodings_of_nonsense_are_refused(void **state)
{
    (void)state;
    static const struct audio_encoding encodings[] = {
        {AUDIO_M4A, 22050, 1},        {AUDIO_OGG_VORBIS, 22050, 1}, {99, 22050, 1},
        {AUDIO_MP3, 3999, 1},         {AUDIO_MP3, 192001, 1},       {AUDIO_MP3, 22050, 0.24F},
        {AUDIO_MP3, 22050, 4.1F},     {AUDIO_MP3, 22050, NAN},      {AUDIO_MP3, 22050, -1},
        {AUDIO_MP3, 22050, INFINITY},
    };
    AUTO_SOUND(answer);
    static int16_t samples[22050];
    for (size_t i = 0; i < ARRAY_LEN(encodings); i++)
        assert_false(ask(AUDIO_ENCODE, &encodings[i], sizeof(encodings[i]),
                         (struct slice){samples, sizeof(samples)}, &answer));
}

static void decoding_stops_at_the_longest(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    AUTO_SOUND(pcm);
    sounds_make(TONE("3") "-ac 2 a.mp3", &file);
    const struct audio_decoding decoding = {22050, 1200};
    assert_true(ask(AUDIO_DECODE, &decoding, sizeof(decoding), buffer_slice(&file), &pcm));
    assert_int_equal(pcm.size, 22050 * 1.2 * sizeof(int16_t));
    static const struct audio_decoding nonsense[] = {
        {0, 1000}, {3999, 1000}, {192001, 1000}, {22050, 3600001}};
    for (size_t i = 0; i < ARRAY_LEN(nonsense); i++)
        assert_false(
            ask(AUDIO_DECODE, &nonsense[i], sizeof(nonsense[i]), buffer_slice(&file), &pcm));
}

static void an_answer_without_room_is_no_answer(void **state)
{
    (void)state;
    AUTO_BUFFER(small, 1000);
    const struct audio_encoding encoding = {AUDIO_MP3, 22050, 1};
    static int16_t samples[44100];
    fill_tone(samples, ARRAY_LEN(samples), 22050);
    bool is_done = ask(AUDIO_ENCODE, &encoding, sizeof(encoding),
                       (struct slice){samples, sizeof(samples)}, &small);
    assert_true(!is_done || small.overflowed);
}

static int set_up(void **state)
{
    audio_handle_init();
    return sounds_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_is_measured_and_copied),
        cmocka_unit_test(another_format_is_made_on_request),
        cmocka_unit_test(what_is_not_to_be_copied_is_not),
        cmocka_unit_test(what_is_not_to_be_measured_is_only_looked_at),
        cmocka_unit_test(wishes_of_nonsense_are_refused),
        cmocka_unit_test(short_and_unknown_requests_are_refused),
        cmocka_unit_test(speech_is_encoded_and_decoded),
        cmocka_unit_test(encodings_of_nonsense_are_refused),
        cmocka_unit_test(decoding_stops_at_the_longest),
        cmocka_unit_test(an_answer_without_room_is_no_answer),
    };
    return cmocka_run_group_tests(tests, set_up, sounds_tear_down);
}
