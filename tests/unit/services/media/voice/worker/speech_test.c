/* SPDX-License-Identifier: MIT */
/* espeak-ng with one voice, outside of the sandbox: what of it is ours to see to. */
#include "services/media/voice/worker/speech.h"

#include "lib/base/text.h"
#include "tests/support/folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cmocka.h>

#define VOICE "en-us+f3" /* it has an echo */
#define QUIET 64
#define MARGIN (VOICE_RATE_HZ / 100)
#define NORMAL_WPM 165

static int open_voice(void **state)
{
    (void)state;
    return speech_find_data() && speech_open(VOICE) ? 0 : -1;
}

static bool say_at(unsigned speed_wpm, const char *text, struct buffer *out)
{
    const struct voice_request request = {.speed_wpm = (uint16_t)speed_wpm, .pitch = 50};
    buffer_clear(out);
    return speech_say(text, &request, out);
}

static double seconds_at(unsigned speed_wpm, const char *text)
{
    AUTO_BUFFER(out, VOICE_PCM_MAX);
    assert_true(say_at(speed_wpm, text, &out));
    return (double)out.size / sizeof(int16_t) / VOICE_RATE_HZ;
}

static double seconds_of(const char *text)
{
    return seconds_at(NORMAL_WPM, text);
}

static void assert_takes(double seconds, double expected)
{
    if (seconds < 0.8 * expected || seconds > 1.25 * expected)
        fail_msg("%f s instead of %f s", seconds, expected);
}

static void speed_shortens_the_speech(void **state)
{
    (void)state;
    static const char text[] = "Hello, my friends! How are you doing this evening?";
    double normal = seconds_of(text);
    assert_true(seconds_at(80, text) > 1.5 * normal);
    assert_true(seconds_at(450, text) < 0.6 * normal);
    assert_takes(seconds_of(text), normal);
}

static bool is_loud(int16_t sample)
{
    return abs(sample) >= QUIET;
}

static void speech_has_no_silence_at_its_ends(void **state)
{
    (void)state;
    AUTO_BUFFER(out, VOICE_PCM_MAX);
    assert_true(say_at(80, "... , hello . . .", &out));
    const int16_t *samples = (const int16_t *)out.data;
    size_t first = 0;
    size_t end = out.size / sizeof(*samples);
    while (first < end && !is_loud(samples[first]))
        first++;
    assert_true(first < end && first <= MARGIN);
    while (!is_loud(samples[end - 1]))
        end--;
    assert_true(out.size / sizeof(*samples) - end <= MARGIN);
}

static void a_text_without_sound_has_none_of_the_text_before(void **state)
{
    (void)state;
    static const char *const texts[] = {"...", " ", "\n\t", "?!", "…", "<", "\x01", ""};
    AUTO_BUFFER(out, VOICE_PCM_MAX);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_true(say_at(NORMAL_WPM, "hello", &out)); /* ends loud, so that its echo goes on */
        assert_false(say_at(NORMAL_WPM, texts[i], &out));
        assert_int_equal(out.size, 0);
    }
}

static void markup_changes_nothing(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"<speak><break time=\"9s\"/>hi</speak>", "<speak><break time=\"1s\"/>hi</speak>"},
        {"<break time=\"9s\"/>hi", "<break time=\"1s\"/>hi"},
        {"<prosody rate=\"x-slow\">good evening</prosody>",
         "<prosody rate=\"x-fast\">good evening</prosody>"},
        {"<speak><audio src=\"boom\">hi</audio></speak>", "speak audio src boom hi audio speak"},
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        double one = seconds_of(pairs[i][0]);
        double other = seconds_of(pairs[i][1]);
        if (one > other + 2 || other > one + 2)
            fail_msg("%s takes %f s, %s %f s", pairs[i][0], one, pairs[i][1], other);
        assert_true(one > seconds_of("hi") + 0.5); /* the words of the markup are read */
    }
}

static void phoneme_codes_are_letters(void **state)
{
    (void)state;
    assert_takes(seconds_of("[[h@'loU]]"), seconds_of("h@'loU"));
    assert_true(seconds_of("[[h@'loU]]") > 1.5 * seconds_of("hello"));
}

/* \x01 would begin a command of espeak-ng: here to speak very slowly, in a deep voice. */
static void control_characters_are_no_commands(void **state)
{
    (void)state;
    double plain = seconds_of(" 80S good evening everybody");
    assert_takes(seconds_of("\x01"
                            "80S good evening everybody"),
                 plain);
    double before = seconds_of("good evening everybody");
    seconds_of("\x01"
               "80S\x7F\x1B hi \x01"
               "0P");
    assert_takes(seconds_of("good evening everybody"), before);
}

static void a_text_opens_no_file(void **state)
{
    (void)state;
    char folder[] = "/tmp/speech_test.XXXXXX";
    assert_non_null(mkdtemp(folder));
    char text[256], path[64];
    snprintf(path, sizeof(path), "%s/boom.wav", folder);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    int watch = inotify_init1(IN_NONBLOCK);
    assert_true(inotify_add_watch(watch, folder, IN_OPEN | IN_ACCESS) >= 0);

    snprintf(text, sizeof(text), "<speak><audio src=\"%s\">hi</audio></speak>", path);
    seconds_of(text);
    char event[512];
    assert_int_equal(read(watch, event, sizeof(event)), -1);

    close(open(path, O_RDONLY)); /* would have been seen */
    assert_true(read(watch, event, sizeof(event)) > 0);
    close(watch);
    folder_remove(folder);
}

static double seconds_of_many(const char *part, size_t times)
{
    AUTO_BUFFER(text, VOICE_TEXT_MAX);
    for (size_t i = 0; i < times; i++)
        buffer_add_text(&text, part);
    return seconds_of(buffer_text(&text));
}

/* espeak-ng aborts over such a word when it is not broken up. */
static void long_words_do_no_harm(void **state)
{
    (void)state;
    assert_true(seconds_of_many("s'", 110) > 5);
    assert_true(seconds_of_many("=", 110) > 5);
    assert_true(seconds_of_many("Ё\u0301", 1000) > 5);
}

/* The one that is cut, and the one after it. */
static void speech_is_cut_at_its_longest(void **state)
{
    (void)state;
    double hello = seconds_of("hello");
    AUTO_BUFFER(text, VOICE_TEXT_MAX);
    while (text.size + 12 < VOICE_TEXT_MAX)
        buffer_add_text(&text, "Wednesday. ");
    AUTO_BUFFER(out, VOICE_PCM_MAX);
    assert_true(say_at(80, buffer_text(&text), &out));
    assert_true(out.size <= VOICE_PCM_MAX && out.size > VOICE_PCM_MAX - VOICE_RATE_HZ);
    assert_takes(seconds_of("hello"), hello);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speed_shortens_the_speech),
        cmocka_unit_test(speech_has_no_silence_at_its_ends),
        cmocka_unit_test(a_text_without_sound_has_none_of_the_text_before),
        cmocka_unit_test(markup_changes_nothing),
        cmocka_unit_test(phoneme_codes_are_letters),
        cmocka_unit_test(control_characters_are_no_commands),
        cmocka_unit_test(a_text_opens_no_file),
        cmocka_unit_test(long_words_do_no_harm),
        cmocka_unit_test(speech_is_cut_at_its_longest),
    };
    return cmocka_run_group_tests(tests, open_voice, NULL);
}
