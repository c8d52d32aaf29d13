/* SPDX-License-Identifier: MIT */
/* The pool's worker program is this test itself: started with an argument, it plays a worker of the
 * temper that the argument names. */
#include "services/media/voice/pool.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/media/voice/wire.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static void say(uint32_t result, const char *audio, uint32_t claimed_bytes)
{
    struct voice_answer answer = {.result = result, .audio_bytes = claimed_bytes};
    if (write(STDOUT_FILENO, &answer, sizeof(answer)) < 0 ||
        write(STDOUT_FILENO, audio, strlen(audio)) < 0)
        _exit(3);
}

static void hang(void)
{
    for (;;)
        pause();
}

static int play_worker(const char *temper)
{
    if (text_equal(temper, "mute"))
        hang();
    say(text_equal(temper, "voiceless") ? VOICE_RESULT_NO_VOICE : VOICE_RESULT_OK, "", 0);

    struct voice_request request;
    char text[VOICE_TEXT_MAX + 1] = "";
    for (int texts = 0; read(STDIN_FILENO, &request, sizeof(request)) > 0; texts++) {
        if (read(STDIN_FILENO, text, request.text_bytes) < 0)
            return 1;
        text[request.text_bytes] = '\0';
        if (text_equal(temper, "crashing") || (text_equal(temper, "fragile") && texts == 1))
            raise(SIGKILL);
        if (text_equal(temper, "hanging"))
            hang();
        if (text_equal(temper, "boasting"))
            say(VOICE_RESULT_OK, "", VOICE_AUDIO_MAX + 1);
        else if (text_equal(temper, "breaking off"))
            return write(STDOUT_FILENO, "\0\0\0\0\x09\0\0\0half", 12) < 0;
        else if (text_equal(text, "…"))
            say(VOICE_RESULT_FAILED, "", 0);
        else
            say(VOICE_RESULT_OK, text, request.text_bytes);
    }
    return 0;
}

struct fixture {
    struct metrics *metrics;
    struct voice_pool *pool;
};

static struct metric *counter(struct fixture *fixture, const char *name)
{
    return metrics_counter(fixture->metrics, name, "", "");
}

static int64_t starts(struct fixture *fixture)
{
    return metric_value(counter(fixture, "ttb_voice_worker_starts_total"));
}

static void open_limited_pool(struct fixture *fixture, unsigned workers, unsigned time_limit_ms,
                              unsigned start_limit_ms)
{
    struct voice_pool_options options = {
        .program = "/proc/self/exe",
        .workers = workers,
        .time_limit_ms = time_limit_ms,
        .start_limit_ms = start_limit_ms,
        .metrics = fixture->metrics,
    };
    fixture->pool = voice_pool_new(&options);
}

/* With limits that no slow machine reaches. */
static void open_pool(struct fixture *fixture, unsigned workers)
{
    open_limited_pool(fixture, workers, 60000, 60000);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.metrics = metrics_new()};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    voice_pool_free(fixture->pool);
    metrics_free(fixture->metrics);
    return 0;
}

static enum status speak_until(struct voice_pool *pool, const char *temper, const char *text,
                               int64_t deadline_ms, struct buffer *out)
{
    struct voice voice = {.id = temper, .espeak = temper, .speed_wpm = 165, .pitch = 50};
    return voice_pool_speak(pool, &voice, text, deadline_ms, out);
}

static enum status speak(struct voice_pool *pool, const char *temper, const char *text,
                         struct buffer *out)
{
    return speak_until(pool, temper, text, clock_mono_ms() + 60000, out);
}

static void a_worker_is_kept_for_the_next_text(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 2);
    AUTO_BUFFER(out, VOICE_AUDIO_MAX);
    assert_int_equal(speak(fixture->pool, "steady", "привет", &out), STATUS_OK);
    assert_string_equal(buffer_text(&out), "привет");
    assert_int_equal(speak(fixture->pool, "steady", "hello", &out), STATUS_OK);
    assert_string_equal(buffer_text(&out), "hello");
    assert_int_equal(starts(fixture), 1);
}

static void each_voice_gets_its_own_worker_until_the_places_are_taken(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 2);
    AUTO_BUFFER(out, VOICE_AUDIO_MAX);
    static const char *const order[] = {"a", "b", "a", "b", "c", "c"};
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        assert_int_equal(speak(fixture->pool, order[i], "x", &out), STATUS_OK);
    assert_int_equal(starts(fixture), 3);
}

static void a_text_that_nothing_comes_of_is_invalid_and_harms_no_worker(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    AUTO_BUFFER(out, VOICE_AUDIO_MAX);
    assert_int_equal(speak(fixture->pool, "steady", "…", &out), STATUS_INVALID);
    assert_int_equal(speak(fixture->pool, "steady", "x", &out), STATUS_OK);
    assert_int_equal(starts(fixture), 1);
}

static void a_text_goes_to_a_fresh_worker_when_the_first_dies(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    AUTO_BUFFER(out, VOICE_AUDIO_MAX);
    assert_int_equal(speak(fixture->pool, "fragile", "one", &out), STATUS_OK);
    assert_int_equal(speak(fixture->pool, "fragile", "two", &out), STATUS_OK);
    assert_string_equal(buffer_text(&out), "two");
    assert_int_equal(starts(fixture), 2);
    assert_int_equal(metric_value(counter(fixture, "ttb_voice_worker_crashes_total")), 1);
}

static void a_text_that_kills_two_workers_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    AUTO_BUFFER(out, VOICE_AUDIO_MAX);
    assert_int_equal(speak(fixture->pool, "crashing", "x", &out), STATUS_INTERNAL);
    assert_int_equal(starts(fixture), 2);
    assert_int_equal(speak(fixture->pool, "steady", "x", &out), STATUS_OK);
}

static void a_hanging_worker_is_killed_at_the_time_limit(void **state)
{
    struct fixture *fixture = *state;
    open_limited_pool(fixture, 1, 100, 60000);
    AUTO_BUFFER(out, VOICE_AUDIO_MAX);
    assert_int_equal(speak(fixture->pool, "hanging", "x", &out), STATUS_INTERNAL);
    assert_int_equal(metric_value(counter(fixture, "ttb_voice_worker_timeouts_total")), 2);
}

static void claims_of_a_worker_are_not_believed(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    AUTO_BUFFER(out, VOICE_AUDIO_MAX);
    assert_int_equal(speak(fixture->pool, "boasting", "x", &out), STATUS_INTERNAL);
    assert_int_equal(speak(fixture->pool, "breaking off", "x", &out), STATUS_INTERNAL);
}

static void a_voice_that_does_not_start_is_unavailable(void **state)
{
    struct fixture *fixture = *state;
    open_limited_pool(fixture, 1, 60000, 100);
    AUTO_BUFFER(out, VOICE_AUDIO_MAX);
    assert_int_equal(speak(fixture->pool, "voiceless", "x", &out), STATUS_UNAVAILABLE);
    assert_int_equal(speak(fixture->pool, "mute", "x", &out), STATUS_UNAVAILABLE);
}

static void a_missing_program_is_unavailable(void **state)
{
    struct fixture *fixture = *state;
    struct voice_pool_options options = {.program = "/nonexistent/ttb-voice",
                                         .workers = 1,
                                         .time_limit_ms = 60000,
                                         .start_limit_ms = 60000};
    fixture->pool = voice_pool_new(&options);
    AUTO_BUFFER(out, VOICE_AUDIO_MAX);
    assert_int_equal(speak(fixture->pool, "steady", "x", &out), STATUS_UNAVAILABLE);
}

static void nothing_begins_past_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 1);
    AUTO_BUFFER(out, VOICE_AUDIO_MAX);
    assert_int_equal(speak_until(fixture->pool, "steady", "x", clock_mono_ms() - 1, &out),
                     STATUS_TIMEOUT);
    assert_int_equal(starts(fixture), 0);
}

static void *speak_many(void *pool)
{
    AUTO_BUFFER(out, VOICE_AUDIO_MAX);
    static const char *const voices[] = {"a", "b", "c"};
    size_t wrong = 0;
    for (int i = 0; i < 60; i++) {
        char text[32];
        snprintf(text, sizeof(text), "text %d of %lx", i, (unsigned long)pthread_self());
        enum status status = speak(pool, voices[i % 3], text, &out);
        wrong += status != STATUS_OK || !text_equal(buffer_text(&out), text);
    }
    return (void *)wrong;
}

static void many_threads_get_each_their_own_answer(void **state)
{
    struct fixture *fixture = *state;
    open_pool(fixture, 3);
    pthread_t threads[6];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, speak_many, fixture->pool), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    assert_int_equal(metric_value(counter(fixture, "ttb_voice_requests_total")), 6 * 60);
}

#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv)
{
    if (argc > 1)
        return play_worker(argv[1]);
    log_start("pool_test", LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        POOL_TEST(a_worker_is_kept_for_the_next_text),
        POOL_TEST(each_voice_gets_its_own_worker_until_the_places_are_taken),
        POOL_TEST(a_text_that_nothing_comes_of_is_invalid_and_harms_no_worker),
        POOL_TEST(a_text_goes_to_a_fresh_worker_when_the_first_dies),
        POOL_TEST(a_text_that_kills_two_workers_is_given_up),
        POOL_TEST(a_hanging_worker_is_killed_at_the_time_limit),
        POOL_TEST(claims_of_a_worker_are_not_believed),
        POOL_TEST(a_voice_that_does_not_start_is_unavailable),
        POOL_TEST(a_missing_program_is_unavailable),
        POOL_TEST(nothing_begins_past_the_deadline),
        POOL_TEST(many_threads_get_each_their_own_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
