/* SPDX-License-Identifier: MIT */
/* The voice worker is this test itself, started with an argument: its "MP3" is its voice and the
 * text. */
#include "services/media/speech/speech.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/media/speech/store.h"
#include "services/media/voice/wire.h"
#include "tests/support/folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define USER "11111111-2222-4333-8444-555555555555"
#define ID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define OTHER_ID "aaaaaaaa-bbbb-4ccc-8ddd-ffffffffffff"
#define LONG_MS 600000
#define GATE "gate" /* a text that takes until somebody has opened the FIFO of that name */

static void open_gate(int flags)
{
    int fd = open(GATE, flags | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
}

static int play_worker(const char *voice)
{
    struct voice_answer ready = {VOICE_RESULT_OK, 0};
    if (write(STDOUT_FILENO, &ready, sizeof(ready)) < 0)
        return 1;
    struct voice_request request;
    char text[VOICE_TEXT_MAX + 1];
    while (read(STDIN_FILENO, &request, sizeof(request)) > 0) {
        if (read(STDIN_FILENO, text, request.text_bytes) < 0)
            return 1;
        text[request.text_bytes] = '\0';
        if (text_equal(text, "crash"))
            raise(SIGKILL);
        if (text_equal(text, GATE))
            open_gate(O_RDONLY);
        char audio[VOICE_TEXT_MAX + 64];
        int size = snprintf(audio, sizeof(audio), "%s: %s", voice, text);
        struct voice_answer answer = {VOICE_RESULT_OK, (uint32_t)size};
        if (write(STDOUT_FILENO, &answer, sizeof(answer)) < 0 ||
            write(STDOUT_FILENO, audio, (size_t)size) < 0)
            return 1;
    }
    return 0;
}

struct fixture {
    char folder[32];
    int root;
    struct voice_pool *voices;
    struct pending *pending;
    struct speech *speech;
};

static void start_speech(struct fixture *fixture, unsigned threads, unsigned patience_ms)
{
    struct speech_options options = {
        .root = fixture->root,
        .voices = fixture->voices,
        .pending = fixture->pending,
        .threads = threads,
        .queue_max = 2,
        .patience_ms = patience_ms,
        .retention_seconds = 3600,
    };
    fixture->speech = speech_new(&options);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.folder = "/tmp/speech_test.XXXXXX"};
    if (!mkdtemp(fixture.folder))
        return -1;
    fixture.root = speech_store_open(fixture.folder);
    struct voice_pool_options voices = {.program = "/proc/self/exe",
                                        .workers = 1,
                                        .time_limit_ms = LONG_MS,
                                        .start_limit_ms = LONG_MS};
    fixture.voices = voice_pool_new(&voices);
    struct pending_options pending = {
        .speeches_max = 8, .waiters_max = 8, .wait_ms = LONG_MS, .grace_ms = LONG_MS};
    fixture.pending = pending_new(&pending);
    *state = &fixture;
    return fixture.root < 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    speech_stop(fixture->speech);
    pending_free(fixture->pending);
    voice_pool_free(fixture->voices);
    close(fixture->root);
    return folder_remove(fixture->folder);
}

static void set_flag(void *waiter)
{
    atomic_store((atomic_int *)waiter, 1);
}

/* Until the speech is made or has failed. */
static void await(struct fixture *fixture, const char *path)
{
    atomic_int woken = 0;
    if (pending_wait(fixture->pending, path, set_flag, &woken) != PENDING_WAIT)
        return;
    while (!atomic_load(&woken))
        clock_sleep_ms(1);
}

static void assert_content(const struct fixture *fixture, const char *path, const char *expected)
{
    char content[256] = "";
    int fd = openat(fixture->root, path, O_RDONLY);
    assert_true(fd >= 0);
    assert_true(read(fd, content, sizeof(content) - 1) >= 0);
    close(fd);
    assert_string_equal(content, expected);
}

static void a_text_becomes_a_file(void **state)
{
    struct fixture *fixture = *state;
    start_speech(fixture, 2, LONG_MS);
    assert_int_equal(speech_begin(fixture->speech, USER, ID, "ru-RU-DmitryNeural", "Привет"),
                     STATUS_OK);
    assert_int_equal(speech_begin(fixture->speech, NULL, ID, NULL, "Пока"), STATUS_OK);
    await(fixture, "tts/" USER "/" ID ".mp3");
    await(fixture, "tts/" ID ".mp3");
    assert_content(fixture, "tts/" USER "/" ID ".mp3", "ru+m3: Привет");
    assert_content(fixture, "tts/" ID ".mp3", "ru+f3: Пока");
}

static void the_voice_follows_the_script(void **state)
{
    struct fixture *fixture = *state;
    start_speech(fixture, 1, LONG_MS);
    assert_int_equal(speech_begin(fixture->speech, NULL, ID, "en-US-JennyNeural", "Привет"),
                     STATUS_OK);
    await(fixture, "tts/" ID ".mp3");
    assert_content(fixture, "tts/" ID ".mp3", "ru+f3: Привет");
}

static void what_can_be_no_speech_is_invalid(void **state)
{
    struct fixture *fixture = *state;
    start_speech(fixture, 1, LONG_MS);
    assert_int_equal(speech_begin(fixture->speech, NULL, "../x", NULL, "x"), STATUS_INVALID);
    assert_int_equal(speech_begin(fixture->speech, "..", ID, NULL, "x"), STATUS_INVALID);
    assert_int_equal(speech_begin(fixture->speech, NULL, ID, NULL, " "), STATUS_INVALID);
}

static void a_full_queue_refuses_at_once(void **state)
{
    struct fixture *fixture = *state;
    start_speech(fixture, 0, LONG_MS); /* nobody takes anything */
    static const char *const ids[] = {ID, OTHER_ID, USER};
    assert_int_equal(speech_begin(fixture->speech, NULL, ids[0], NULL, "x"), STATUS_OK);
    assert_int_equal(speech_begin(fixture->speech, NULL, ids[0], NULL, "x"), STATUS_OK);
    assert_int_equal(speech_begin(fixture->speech, NULL, ids[1], NULL, "x"), STATUS_OK);
    assert_int_equal(speech_begin(fixture->speech, NULL, ids[2], NULL, "x"), STATUS_UNAVAILABLE);
    atomic_int woken = 0;
    assert_int_equal(pending_wait(fixture->pending, "tts/" USER ".mp3", set_flag, &woken),
                     PENDING_GONE);
}

static void a_speech_that_fails_wakes_who_waits(void **state)
{
    struct fixture *fixture = *state;
    start_speech(fixture, 1, LONG_MS);
    assert_int_equal(speech_begin(fixture->speech, NULL, ID, NULL, "crash"), STATUS_OK);
    await(fixture, "tts/" ID ".mp3");
    assert_int_equal(faccessat(fixture->root, "tts/" ID ".mp3", F_OK, 0), -1);
}

static void a_text_that_waited_too_long_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    start_speech(fixture, 1, 0);
    assert_int_equal(speech_begin(fixture->speech, NULL, ID, NULL, "x"), STATUS_OK);
    await(fixture, "tts/" ID ".mp3");
    assert_int_equal(faccessat(fixture->root, "tts/" ID ".mp3", F_OK, 0), -1);
}

static void what_is_made_is_erased(void **state)
{
    struct fixture *fixture = *state;
    start_speech(fixture, 1, LONG_MS);
    assert_int_equal(speech_begin(fixture->speech, USER, ID, NULL, "a"), STATUS_OK);
    assert_int_equal(speech_begin(fixture->speech, NULL, ID, NULL, "b"), STATUS_OK);
    await(fixture, "tts/" USER "/" ID ".mp3");
    await(fixture, "tts/" ID ".mp3");
    unsigned files = 0;
    assert_int_equal(speech_erase(fixture->speech, USER, &files), STATUS_OK);
    assert_int_equal(files, 1);
    assert_int_equal(faccessat(fixture->root, "tts/" USER, F_OK, 0), -1);
    assert_content(fixture, "tts/" ID ".mp3", "ru+f3: b");
    assert_int_equal(speech_erase(fixture->speech, USER, &files), STATUS_OK);
    assert_int_equal(files, 0);
    assert_int_equal(speech_erase(fixture->speech, "..", &files), STATUS_INVALID);
}

static void what_is_being_made_does_not_come_back_after_the_erasing(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(chdir(fixture->folder), 0); /* the worker's folder, too */
    assert_int_equal(mkfifo(GATE, 0600), 0);
    start_speech(fixture, 1, LONG_MS);
    assert_int_equal(speech_begin(fixture->speech, USER, ID, NULL, GATE), STATUS_OK);
    assert_int_equal(speech_begin(fixture->speech, USER, OTHER_ID, NULL, "queued"), STATUS_OK);
    unsigned files = 1;
    assert_int_equal(speech_erase(fixture->speech, USER, &files), STATUS_OK);
    assert_int_equal(files, 0);
    open_gate(O_WRONLY);
    speech_stop(TAKE(fixture->speech));
    assert_int_equal(faccessat(fixture->root, "tts/" USER, F_OK, 0), -1);
}

static void the_stop_finishes_what_is_queued(void **state)
{
    struct fixture *fixture = *state;
    start_speech(fixture, 1, LONG_MS);
    assert_int_equal(speech_begin(fixture->speech, NULL, ID, NULL, "a"), STATUS_OK);
    assert_int_equal(speech_begin(fixture->speech, NULL, OTHER_ID, NULL, "b"), STATUS_OK);
    speech_stop(TAKE(fixture->speech));
    assert_content(fixture, "tts/" ID ".mp3", "ru+f3: a");
    assert_content(fixture, "tts/" OTHER_ID ".mp3", "ru+f3: b");
}

#define SPEECH_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv)
{
    if (argc > 1)
        return play_worker(argv[1]);
    log_start("speech_test", LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        SPEECH_TEST(a_text_becomes_a_file),
        SPEECH_TEST(the_voice_follows_the_script),
        SPEECH_TEST(what_can_be_no_speech_is_invalid),
        SPEECH_TEST(a_full_queue_refuses_at_once),
        SPEECH_TEST(a_speech_that_fails_wakes_who_waits),
        SPEECH_TEST(a_text_that_waited_too_long_is_given_up),
        SPEECH_TEST(what_is_made_is_erased),
        SPEECH_TEST(what_is_being_made_does_not_come_back_after_the_erasing),
        SPEECH_TEST(the_stop_finishes_what_is_queued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
