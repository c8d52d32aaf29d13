/* SPDX-License-Identifier: MIT */
#include "services/media/remote/remote.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/media/domain/breaker.h"
#include "tests/support/speech_server.h"

#include <pthread.h>
#include <signal.h>

#define PATIENCE_MS 60000 /* no slow machine takes so long */
#define AUDIO_MAX ((size_t)1024 * 1024)

struct fixture {
    struct speech_server server;
    struct metrics *metrics;
    struct remote *remote;
};

static void connect_to(struct fixture *fixture, const char *url, unsigned timeout_ms,
                       unsigned connections)
{
    const struct remote_options options = {
        .url = url,
        .key = "sk-secret",
        .model = "tts-1",
        .timeout_ms = timeout_ms,
        .connections = connections,
        .metrics = fixture->metrics,
    };
    remote_free(fixture->remote);
    fixture->remote = remote_new(&options);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.metrics = metrics_new(), .server = speech_server_start(false)};
    connect_to(&fixture, fixture.server.url, PATIENCE_MS, 8);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    remote_free(fixture->remote);
    metrics_free(fixture->metrics);
    speech_server_stop(&fixture->server);
    return 0;
}

static int64_t value(struct fixture *fixture, const char *name)
{
    return metric_value(metrics_counter(fixture->metrics, name, "", ""));
}

static enum status speak(struct fixture *fixture)
{
    AUTO_BUFFER(out, AUDIO_MAX);
    return remote_speak(fixture->remote, "alloy", 1, "привет", clock_mono_ms() + PATIENCE_MS, &out);
}

static void a_text_becomes_an_audio_file(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(out, AUDIO_MAX);
    buffer_add_text(&out, "what was there before");
    assert_int_equal(remote_speak(fixture->remote, "alloy", 1.5, "Скажи: \"hi\"\n\x01, 😀",
                                  clock_mono_ms() + PATIENCE_MS, &out),
                     STATUS_OK);
    assert_true(out.size > 1000);
    assert_memory_equal(out.data, "ID3", 3);

    AUTO_BUFFER(order, 4096);
    speech_server_call(&fixture->server, "/_last", NULL, &order);
    assert_string_equal(
        buffer_text(&order),
        "{\"authorization\": \"Bearer sk-secret\", \"model\": \"tts-1\", \"input\": "
        "\"Скажи: \\\"hi\\\"\\n\\u0001, 😀\", \"voice\": \"alloy\", "
        "\"response_format\": \"mp3\", \"speed\": 1.5}");
    assert_int_equal(value(fixture, "ttb_remote_requests_total"), 1);
    assert_int_equal(value(fixture, "ttb_remote_failures_total"), 0);
}

static void a_connection_is_kept_for_the_next_text(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(speak(fixture), STATUS_OK);
    struct speech_server_seen seen = speech_server_seen(&fixture->server);
    assert_int_equal(seen.requests, 5);
    assert_int_equal(seen.connections, 1);
}

static void what_is_no_speech_is_unavailable_and_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const char *const modes[] = {"500",     "429",   "400",      "page", "mislabelled",
                                        "garbage", "empty", "redirect", "cut",  "endless"};
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        connect_to(fixture, fixture->server.url, PATIENCE_MS, 1);
        speech_server_set_mode(&fixture->server, modes[i]);
        AUTO_BUFFER(out, AUDIO_MAX);
        if (remote_speak(fixture->remote, "alloy", 1, "привет", clock_mono_ms() + PATIENCE_MS,
                         &out) != STATUS_UNAVAILABLE)
            fail_msg("mode %s was taken for speech", modes[i]);
        assert_int_equal(out.size, 0);
        assert_int_equal(value(fixture, "ttb_remote_failures_total"), i + 1);
    }
    assert_int_equal(speech_server_seen(&fixture->server).redirected, 0);
}

static void a_server_that_hangs_is_waited_for_no_longer_than_the_limit(void **state)
{
    struct fixture *fixture = *state;
    connect_to(fixture, fixture->server.url, 300, 1);
    speech_server_set_mode(&fixture->server, "hang");
    assert_int_equal(speak(fixture), STATUS_UNAVAILABLE);
}

static void nobody_waits_past_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(out, AUDIO_MAX);
    connect_to(fixture, fixture->server.url, 600, 1);
    speech_server_set_mode(&fixture->server, "hang");
    int64_t began_ms = clock_mono_ms();
    assert_int_equal(remote_speak(fixture->remote, "alloy", 1, "привет", began_ms + 200, &out),
                     STATUS_TIMEOUT); /* too late to ask */
    assert_int_equal(speech_server_seen(&fixture->server).requests, 0);
    assert_int_equal(
        remote_speak(fixture->remote, "alloy", 1, "привет", clock_mono_ms() + 400, &out),
        STATUS_UNAVAILABLE);
    assert_true(clock_mono_ms() - began_ms >= 400);
}

static void a_server_that_fails_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    speech_server_set_mode(&fixture->server, "500");
    for (unsigned i = 0; i < BREAKER_FAILURES; i++) {
        assert_true(remote_is_up(fixture->remote));
        assert_int_equal(speak(fixture), STATUS_UNAVAILABLE);
    }
    assert_false(remote_is_up(fixture->remote));
    speech_server_set_mode(&fixture->server, "ok");
    for (int i = 0; i < 10; i++)
        assert_int_equal(speak(fixture), STATUS_UNAVAILABLE);
    assert_int_equal(speech_server_seen(&fixture->server).requests, BREAKER_FAILURES);
    assert_int_equal(
        metric_value(metrics_gauge(fixture->metrics, "ttb_remote_breaker_state", "", "")),
        BREAKER_OPEN);
}

static void a_text_that_is_refused_says_nothing_against_the_server(void **state)
{
    struct fixture *fixture = *state;
    speech_server_set_mode(&fixture->server, "400");
    for (unsigned i = 0; i < 3 * BREAKER_FAILURES; i++)
        assert_int_equal(speak(fixture), STATUS_UNAVAILABLE);
    assert_true(remote_is_up(fixture->remote));
    speech_server_set_mode(&fixture->server, "ok");
    assert_int_equal(speak(fixture), STATUS_OK);
}

static void nobody_at_the_address_is_a_failure(void **state)
{
    struct fixture *fixture = *state;
    static const char *const urls[] = {"http://127.0.0.1:1", "ftp://127.0.0.1:1", "file:///etc",
                                       "http://no-such-host.invalid", ""};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        connect_to(fixture, urls[i], 2000, 1);
        assert_int_equal(speak(fixture), STATUS_UNAVAILABLE);
    }
}

static void a_certificate_that_nobody_signed_is_not_believed(void **state)
{
    struct fixture *fixture = *state;
    struct speech_server impostor = speech_server_start(true);
    connect_to(fixture, impostor.url, PATIENCE_MS, 1);
    assert_int_equal(speak(fixture), STATUS_UNAVAILABLE);
    speech_server_stop(&impostor);
}

static void *speak_in_a_thread(void *fixture)
{
    return speak(fixture) == STATUS_OK ? fixture : NULL;
}

static void wait_for_requests(struct fixture *fixture, unsigned count)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (speech_server_seen(&fixture->server).requests < count) {
        assert_true(clock_mono_ms() < until_ms);
        clock_sleep_ms(10);
    }
}

static void only_as_many_texts_go_at_the_same_time_as_there_are_connections(void **state)
{
    struct fixture *fixture = *state;
    connect_to(fixture, fixture->server.url, PATIENCE_MS, 2);
    speech_server_set_mode(&fixture->server, "hang");
    pthread_t threads[2];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, speak_in_a_thread, fixture), 0);
    wait_for_requests(fixture, 2);
    assert_int_equal(speak(fixture), STATUS_UNAVAILABLE);
    assert_int_equal(value(fixture, "ttb_remote_requests_total"), 2);

    remote_free(TAKE(fixture->remote)); /* breaks off, long before the time limit */
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_null(result);
    }
}

static void many_threads_share_the_connections(void **state)
{
    struct fixture *fixture = *state;
    pthread_t threads[8];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, speak_in_a_thread, fixture), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
    assert_in_range(speech_server_seen(&fixture->server).connections, 1, 8);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* as the daemon does */
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_text_becomes_an_audio_file),
        TEST(a_connection_is_kept_for_the_next_text),
        TEST(what_is_no_speech_is_unavailable_and_leaves_nothing),
        TEST(a_server_that_hangs_is_waited_for_no_longer_than_the_limit),
        TEST(nobody_waits_past_the_deadline),
        TEST(a_server_that_fails_is_left_alone),
        TEST(a_text_that_is_refused_says_nothing_against_the_server),
        TEST(nobody_at_the_address_is_a_failure),
        TEST(a_certificate_that_nobody_signed_is_not_believed),
        TEST(only_as_many_texts_go_at_the_same_time_as_there_are_connections),
        TEST(many_threads_share_the_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
