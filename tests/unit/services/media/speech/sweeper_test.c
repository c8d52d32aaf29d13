/* SPDX-License-Identifier: MIT */
#include "services/media/speech/sweeper.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/media/speech/cache.h"
#include "services/media/speech/store.h"
#include "tests/support/folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/await.h"

struct fixture {
    char folder[32];
    int root;
    struct metrics *metrics;
    struct speech_sweeper *sweeper;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.folder = "/tmp/sweeper_test.XXXXXX", .metrics = metrics_new()};
    if (!mkdtemp(fixture.folder))
        return -1;
    fixture.root = speech_store_open(fixture.folder);
    *state = &fixture;
    return fixture.root < 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    speech_sweeper_stop(fixture->sweeper);
    metrics_free(fixture->metrics);
    close(fixture->root);
    return folder_remove(fixture->folder);
}

static void start(struct fixture *fixture, unsigned retention_s, uint64_t cache_bytes)
{
    struct speech_sweeper_options options = {
        .root = fixture->root,
        .retention_seconds = retention_s,
        .cache_bytes = cache_bytes,
        .cache_seconds = 3600,
        .metrics = fixture->metrics,
    };
    fixture->sweeper = speech_sweeper_new(&options);
}

static void await(const struct metric *metric, int64_t value)
{
    AWAIT(metric_value(metric) == value);
}

static const struct metric *counter(const struct fixture *fixture, const char *name)
{
    return metrics_counter(fixture->metrics, name, "", "");
}

static const struct metric *gauge(const struct fixture *fixture, const char *name)
{
    return metrics_gauge(fixture->metrics, name, "", "");
}

static struct speech_path put_of_time(const struct fixture *fixture, int64_t time_ms)
{
    struct uuid id;
    struct speech_path path;
    uuid_make_timed(time_ms, &id);
    assert_true(speech_path_make(NULL, id.text, &path));
    assert_int_equal(speech_store_put(fixture->root, &path, (struct slice){"x", 1}), STATUS_OK);
    return path;
}

static void cache(const struct fixture *fixture, const char *text)
{
    struct speech_key key;
    speech_key_make(voices_get(NULL), NULL, text, &key);
    assert_int_equal(speech_cache_put(fixture->root, &key, (struct slice){text, strlen(text)}),
                     STATUS_OK);
}

static void old_speech_goes_at_once_and_what_grows_old_later(void **state)
{
    struct fixture *fixture = *state;
    struct speech_path old = put_of_time(fixture, clock_wall_ms() - 20000);
    struct speech_path ageing = put_of_time(fixture, clock_wall_ms() - 9000);
    start(fixture, 10, 1000);
    await(counter(fixture, "ttb_speech_swept_total"), 1);
    assert_int_equal(faccessat(fixture->root, old.text, F_OK, 0), -1);
    await(counter(fixture, "ttb_speech_swept_total"), 2);
    assert_int_equal(faccessat(fixture->root, ageing.text, F_OK, 0), -1);
}

static void a_cache_that_grows_too_large_is_swept_soon(void **state)
{
    struct fixture *fixture = *state;
    cache(fixture, "0123456789");
    start(fixture, 3600, 12); /* the next sweep is a minute away */
    await(gauge(fixture, "ttb_speech_cache_bytes"), 10);
    await(gauge(fixture, "ttb_speech_cache_files"), 1);
    cache(fixture, "abc");
    speech_sweeper_note(fixture->sweeper, 3);
    await(counter(fixture, "ttb_speech_cache_evicted_total"), 1);
}

static void without_a_cache_what_is_left_of_one_goes(void **state)
{
    struct fixture *fixture = *state;
    cache(fixture, "0123456789");
    start(fixture, 3600, 0);
    await(counter(fixture, "ttb_speech_cache_evicted_total"), 1);
}

#define SWEEPER_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    log_start("sweeper_test", LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        SWEEPER_TEST(old_speech_goes_at_once_and_what_grows_old_later),
        SWEEPER_TEST(a_cache_that_grows_too_large_is_swept_soon),
        SWEEPER_TEST(without_a_cache_what_is_left_of_one_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
