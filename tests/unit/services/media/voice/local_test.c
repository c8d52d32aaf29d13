/* SPDX-License-Identifier: MIT */
/* The voice worker is this test itself, started with an argument: its samples are what it was asked
 * for. */
#include "services/media/voice/local.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/media/workers/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define LONG_MS 60000

/* An answer of voice, words a minute, pitch, and text, each ended by a line feed. */
static int play_worker(const char *voice)
{
    struct worker_frame frame = {.code = WORKER_READY};
    if (write(STDOUT_FILENO, &frame, sizeof(frame)) < 0)
        return 1;
    struct voice_request request;
    char text[VOICE_TEXT_MAX + 1];
    while (read(STDIN_FILENO, &frame, sizeof(frame)) > 0) {
        size_t size = frame.size - sizeof(request);
        if (read(STDIN_FILENO, &request, sizeof(request)) < 0 || read(STDIN_FILENO, text, size) < 0)
            return 1;
        text[size] = '\0';
        AUTO_BUFFER(out, VOICE_PCM_MAX);
        if (!text_equal(text, "nothing"))
            buffer_printf(&out, "%s\n%d\n%d\n%s\n", voice, request.speed_wpm, request.pitch, text);
        frame = (struct worker_frame){WORKER_READY, (uint32_t)out.size};
        if (text_equal(text, "..."))
            frame = (struct worker_frame){WORKER_REFUSED, 0};
        if (write(STDOUT_FILENO, &frame, sizeof(frame)) < 0 ||
            (frame.size > 0 && write(STDOUT_FILENO, out.data, out.size) < 0))
            return 1;
    }
    return 0;
}

static const struct voice voice = {.id = "test", .espeak = "ru+f3", .speed_wpm = 160, .pitch = 40};

static int open_voices(void **state)
{
    const struct local_voices_options options = {
        .program = "/proc/self/exe", .workers = 1, .time_limit_ms = LONG_MS};
    *state = local_voices_new(&options);
    return 0;
}

static int close_voices(void **state)
{
    local_voices_free(*state);
    return 0;
}

static enum status speak(struct local_voices *voices, double speed, const char *text,
                         struct buffer *pcm, double *ret_tempo)
{
    return local_voices_speak(voices, &voice, speed, text, clock_mono_ms() + LONG_MS, pcm,
                              ret_tempo);
}

static void a_text_is_spoken_as_the_voice_says(void **state)
{
    double tempo;
    AUTO_BUFFER(pcm, 4096);
    assert_int_equal(speak(*state, 1, "привет!!", &pcm, &tempo), STATUS_OK);
    assert_string_equal(buffer_text(&pcm), "ru+f3\n160\n40\nпривет!!\n");
    assert_true(tempo == 1);
}

static void samples_are_appended_whole(void **state)
{
    double tempo;
    AUTO_BUFFER(pcm, 4096);
    assert_int_equal(speak(*state, 1, "ab", &pcm, &tempo), STATUS_OK);
    assert_int_equal(speak(*state, 1, "c", &pcm, &tempo), STATUS_OK); /* and half a sample */
    assert_string_equal(buffer_text(&pcm), "ru+f3\n160\n40\nab\nru+f3\n160\n40\nc");
    assert_int_equal(pcm.size % sizeof(int16_t), 0);
}

static void what_espeak_cannot_do_of_a_speed_is_left(void **state)
{
    static const struct {
        double speed;
        const char *spoken;
        double tempo;
    } cases[] = {
        {1.25, "ru+f3\n200\n40\nx", 1},       {2, "ru+f3\n320\n40\nx", 1},
        {0.5, "ru+f3\n80\n40\nx", 1},         {2.8125, "ru+f3\n450\n40\nx", 1},
        {4, "ru+f3\n450\n40\nx", 640. / 450}, {0.25, "ru+f3\n80\n40\nx", 0.5},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double tempo;
        AUTO_BUFFER(pcm, 4096);
        assert_int_equal(speak(*state, cases[i].speed, "x", &pcm, &tempo), STATUS_OK);
        assert_true(text_starts_with(buffer_text(&pcm), cases[i].spoken));
        assert_true(tempo > cases[i].tempo - 1e-9 && tempo < cases[i].tempo + 1e-9);
    }
}

static void a_text_without_sound_is_invalid(void **state)
{
    double tempo;
    AUTO_BUFFER(pcm, 4096);
    assert_int_equal(speak(*state, 1, "...", &pcm, &tempo), STATUS_INVALID);
    assert_int_equal(speak(*state, 1, "nothing", &pcm, &tempo), STATUS_INVALID);
    assert_int_equal(pcm.size, 0);
}

static void more_than_there_is_room_for_is_too_large(void **state)
{
    double tempo;
    AUTO_BUFFER(pcm, 20);
    assert_int_equal(speak(*state, 1, "x", &pcm, &tempo), STATUS_OK);
    assert_int_equal(speak(*state, 1, "x", &pcm, &tempo), STATUS_TOO_LARGE);
}

static void nothing_is_spoken_past_the_deadline(void **state)
{
    double tempo;
    AUTO_BUFFER(pcm, 4096);
    assert_int_equal(local_voices_speak(*state, &voice, 1, "x", clock_mono_ms() - 1, &pcm, &tempo),
                     STATUS_TIMEOUT);
}

#define VOICES_TEST(test) cmocka_unit_test_setup_teardown(test, open_voices, close_voices)

int main(int argc, char **argv)
{
    if (argc > 1)
        return play_worker(argv[1]);
    log_start("local_test", LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        VOICES_TEST(a_text_is_spoken_as_the_voice_says),
        VOICES_TEST(samples_are_appended_whole),
        VOICES_TEST(what_espeak_cannot_do_of_a_speed_is_left),
        VOICES_TEST(a_text_without_sound_is_invalid),
        VOICES_TEST(more_than_there_is_room_for_is_too_large),
        VOICES_TEST(nothing_is_spoken_past_the_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
