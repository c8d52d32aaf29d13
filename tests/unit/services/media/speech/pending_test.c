/* SPDX-License-Identifier: MIT */
#include "services/media/speech/pending.h"

#include "lib/base/clock.h"
#include "services/media/speech/store.h"
#include "tests/support/folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/await.h"

#define LONG_MS 600000
#define USER "11111111-2222-4333-8444-555555555555"
#define OTHER_USER "22222222-2222-4333-8444-555555555555"
#define MINE(name) "tts/" USER "/" name
#define OTHERS "tts/" OTHER_USER "/a"

static void count_wake(void *waiter)
{
    atomic_fetch_add((atomic_int *)waiter, 1);
}

/* For wakes that come by the clock alone. */
static void await(atomic_int *wakes)
{
    AWAIT(atomic_load(wakes) > 0);
}

static struct pending *with_limits(unsigned speeches, unsigned waiters, unsigned wait_ms)
{
    struct pending_options options = {.root = AT_FDCWD,
                                      .speeches_max = speeches,
                                      .waiters_max = waiters,
                                      .strangers_max = 2,
                                      .wait_ms = wait_ms};
    return pending_new(&options);
}

struct folder {
    char name[32];
    int root;
};

static int set_up(void **state)
{
    static struct folder folder;
    folder = (struct folder){.name = "/tmp/pending_test.XXXXXX"};
    if (!mkdtemp(folder.name))
        return -1;
    folder.root = speech_store_open(folder.name);
    *state = &folder;
    return folder.root < 0;
}

static int tear_down(void **state)
{
    struct folder *folder = *state;
    close(folder->root);
    return folder_remove(folder->name);
}

/* Of speech that was asked for so long ago. */
static struct speech_path path_of_age(int64_t age_ms)
{
    struct uuid id;
    struct speech_path path;
    uuid_make_timed(clock_wall_ms() - age_ms, &id);
    assert_true(speech_path_make(USER, id.text, &path));
    return path;
}

static void who_waits_is_woken_once_when_the_speech_is_there(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS);
    atomic_int one = 0, two = 0, other = 0;
    assert_int_equal(pending_begin(pending, "a"), STATUS_OK);
    assert_int_equal(pending_begin(pending, "b"), STATUS_OK);
    assert_int_equal(pending_wait(pending, "a", count_wake, &one), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, "a", count_wake, &two), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, "b", count_wake, &other), PENDING_WAIT);
    pending_end(pending, "a", STATUS_OK);
    assert_int_equal(one, 1);
    assert_int_equal(two, 1);
    assert_int_equal(other, 0);
    pending_stop(pending);
    assert_int_equal(one, 1);
    assert_int_equal(other, 1);
}

static void who_comes_before_the_speech_is_begun_waits_as_well(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS);
    struct speech_path path = path_of_age(0);
    atomic_int wakes = 0;
    assert_int_equal(pending_wait(pending, path.text, count_wake, &wakes), PENDING_WAIT);
    assert_int_equal(pending_begin(pending, path.text), STATUS_OK);
    assert_int_equal(wakes, 0);
    pending_end(pending, path.text, STATUS_OK);
    assert_int_equal(wakes, 1);
}

static void who_comes_afterwards_need_not_wait(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS);
    atomic_int wakes = 0;
    assert_int_equal(pending_begin(pending, "made"), STATUS_OK);
    pending_end(pending, "made", STATUS_OK);
    assert_int_equal(pending_wait(pending, "made", count_wake, &wakes), PENDING_READY);
    assert_int_equal(pending_begin(pending, "failed"), STATUS_OK);
    pending_end(pending, "failed", STATUS_INTERNAL);
    assert_int_equal(pending_wait(pending, "failed", count_wake, &wakes), PENDING_GONE);
    assert_int_equal(wakes, 0);
}

static void what_was_asked_for_just_now_is_waited_for_until_its_time_is_up(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS);
    struct speech_path path = path_of_age(LONG_MS - 50);
    atomic_int wakes = 0;
    enum pending_verdict verdict = pending_wait(pending, path.text, count_wake, &wakes);
    if (verdict == PENDING_GONE) /* on a machine that is very busy */
        skip();
    assert_int_equal(verdict, PENDING_WAIT);
    await(&wakes);
}

static void a_speech_that_begins_late_is_waited_for_as_long_as_any(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS);
    struct speech_path path = path_of_age(LONG_MS - 200), longer = path_of_age(LONG_MS - 400);
    atomic_int wakes = 0, longer_wakes = 0;
    if (pending_wait(pending, path.text, count_wake, &wakes) != PENDING_WAIT)
        skip(); /* the machine is very busy; so, too, below */
    assert_int_equal(pending_begin(pending, path.text), STATUS_OK);
    if (wakes > 0 || pending_wait(pending, longer.text, count_wake, &longer_wakes) != PENDING_WAIT)
        skip();
    await(&longer_wakes);
    assert_int_equal(wakes, 0);
}

static void nobody_waits_for_what_was_asked_for_at_another_time_or_at_none(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, 5000);
    atomic_int wakes = 0;
    const struct speech_path old = path_of_age(5001), ahead = path_of_age(-30000);
    const char *const paths[] = {old.text, ahead.text, MINE("a"), "a",
                                 MINE("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee.mp3")};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        assert_int_equal(pending_wait(pending, paths[i], count_wake, &wakes), PENDING_GONE);
    const struct speech_path little_ahead = path_of_age(-2000);
    assert_int_equal(pending_wait(pending, little_ahead.text, count_wake, &wakes), PENDING_WAIT);
}

static void what_another_replica_makes_is_seen(void **state)
{
    struct folder *folder = *state;
    struct pending_options options = {.root = folder->root,
                                      .speeches_max = 4,
                                      .waiters_max = 8,
                                      .strangers_max = 8,
                                      .wait_ms = LONG_MS};
    AUTO(pending_free) struct pending *pending = pending_new(&options);
    struct speech_path made = path_of_age(0), never_made = path_of_age(0);
    atomic_int one = 0, two = 0, other = 0;
    assert_int_equal(pending_wait(pending, made.text, count_wake, &one), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, made.text, count_wake, &two), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, never_made.text, count_wake, &other), PENDING_WAIT);
    struct slice audio = {"x", 1};
    assert_int_equal(speech_store_put(folder->root, &made, audio), STATUS_OK);
    await(&one);
    await(&two);
    assert_int_equal(other, 0);
}

static void strangers_do_not_take_all_places(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS);
    atomic_int wakes = 0;
    struct speech_path path = path_of_age(0);
    assert_int_equal(pending_wait(pending, path.text, count_wake, &wakes), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, path.text, count_wake, &wakes), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, path.text, count_wake, &wakes), PENDING_GONE);
    assert_int_equal(pending_begin(pending, "a"), STATUS_OK);
    assert_int_equal(pending_wait(pending, "a", count_wake, &wakes), PENDING_WAIT);
    assert_int_equal(pending_begin(pending, path.text), STATUS_OK); /* no strangers any more */
    struct speech_path other = path_of_age(0);
    assert_int_equal(pending_wait(pending, other.text, count_wake, &wakes), PENDING_WAIT);
}

static void a_full_disk_is_the_reason_for_what_it_refused(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS);
    static const struct {
        const char *path;
        enum status status, reason;
    } cases[] = {{"a", STATUS_NO_SPACE, STATUS_NO_SPACE},
                 {"b", STATUS_INTERNAL, STATUS_NOT_FOUND},
                 {"c", STATUS_OK, STATUS_NOT_FOUND}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(pending_begin(pending, cases[i].path), STATUS_OK);
        assert_int_equal(pending_reason(pending, cases[i].path), STATUS_NOT_FOUND);
        pending_end(pending, cases[i].path, cases[i].status);
        assert_int_equal(pending_reason(pending, cases[i].path), cases[i].reason);
    }
    assert_int_equal(pending_reason(pending, "unknown"), STATUS_NOT_FOUND);
}

static void the_end_of_a_few_hundred_speeches_is_remembered(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS);
    atomic_int wakes = 0;
    char path[16];
    for (int i = 0; i < 2000; i++) {
        snprintf(path, sizeof(path), "%d", i);
        assert_int_equal(pending_begin(pending, path), STATUS_OK);
        pending_end(pending, path, STATUS_OK);
    }
    assert_int_equal(pending_wait(pending, "1800", count_wake, &wakes), PENDING_READY);
    assert_int_equal(pending_wait(pending, "0", count_wake, &wakes), PENDING_GONE);
}

static void the_wait_for_a_pending_speech_ends_at_the_limit(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, 1);
    atomic_int wakes = 0;
    assert_int_equal(pending_begin(pending, "a"), STATUS_OK);
    assert_int_equal(pending_wait(pending, "a", count_wake, &wakes), PENDING_WAIT);
    await(&wakes);
}

static void a_speech_is_begun_once_and_again_after_it_failed(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS);
    assert_int_equal(pending_begin(pending, "a"), STATUS_OK);
    assert_int_equal(pending_begin(pending, "a"), STATUS_CONFLICT);
    pending_end(pending, "a", STATUS_INTERNAL);
    assert_int_equal(pending_begin(pending, "a"), STATUS_OK);
}

static void both_tables_are_bounded(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(2, 2, LONG_MS);
    atomic_int wakes = 0;
    assert_int_equal(pending_begin(pending, "a"), STATUS_OK);
    assert_int_equal(pending_begin(pending, "b"), STATUS_OK);
    assert_int_equal(pending_begin(pending, "c"), STATUS_UNAVAILABLE);
    assert_int_equal(pending_wait(pending, "a", count_wake, &wakes), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, "b", count_wake, &wakes), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, "b", count_wake, &wakes), PENDING_GONE);

    pending_end(pending, "a", STATUS_OK);
    assert_int_equal(wakes, 1);
    assert_int_equal(pending_begin(pending, "c"), STATUS_OK);
    assert_int_equal(pending_wait(pending, "c", count_wake, &wakes), PENDING_WAIT);
}

static void after_the_stop_nobody_waits(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(2, 2, LONG_MS);
    atomic_int wakes = 0;
    pending_stop(pending);
    assert_int_equal(pending_wait(pending, "a", count_wake, &wakes), PENDING_GONE);
    assert_int_equal(wakes, 0);
}

static void cancel_mine(struct pending *pending)
{
    struct speech_folder folder;
    assert_true(speech_folder_make(USER, &folder));
    pending_cancel(pending, &folder);
}

static void who_makes_a_cancelled_speech_is_told_at_its_end(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS);
    atomic_int wakes = 0;
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_OK);
    assert_int_equal(pending_begin(pending, OTHERS), STATUS_OK);
    cancel_mine(pending);
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_CONFLICT);
    assert_false(pending_end(pending, MINE("a"), STATUS_OK));
    assert_int_equal(pending_wait(pending, MINE("a"), count_wake, &wakes), PENDING_GONE);
    assert_true(pending_end(pending, OTHERS, STATUS_OK));
    assert_int_equal(pending_wait(pending, OTHERS, count_wake, &wakes), PENDING_READY);
}

static void nobody_waits_for_a_cancelled_speech(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 4, LONG_MS);
    atomic_int mine = 0, early = 0, others = 0;
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_OK);
    assert_int_equal(pending_begin(pending, MINE("made")), STATUS_OK);
    assert_true(pending_end(pending, MINE("made"), STATUS_OK));
    assert_int_equal(pending_wait(pending, MINE("a"), count_wake, &mine), PENDING_WAIT);
    struct speech_path unknown = path_of_age(0);
    assert_int_equal(pending_wait(pending, unknown.text, count_wake, &early), PENDING_WAIT);
    assert_int_equal(pending_begin(pending, OTHERS), STATUS_OK);
    assert_int_equal(pending_wait(pending, OTHERS, count_wake, &others), PENDING_WAIT);
    cancel_mine(pending);
    assert_int_equal(mine, 1);
    assert_int_equal(early, 1);
    assert_int_equal(others, 0);
    assert_int_equal(pending_wait(pending, MINE("a"), count_wake, &mine), PENDING_GONE);
    assert_int_equal(pending_wait(pending, MINE("made"), count_wake, &mine), PENDING_GONE);
}

static void a_speech_may_begin_again_after_the_cancelled_one(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(1, 4, LONG_MS);
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_OK);
    cancel_mine(pending);
    assert_int_equal(pending_begin(pending, OTHERS), STATUS_UNAVAILABLE);
    assert_false(pending_end(pending, MINE("a"), STATUS_OK));
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_OK);
    assert_true(pending_end(pending, MINE("a"), STATUS_OK));
}

static void nobody_gets_a_withdrawn_speech(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(4, 8, LONG_MS);
    struct speech_path unheard_of = path_of_age(0);
    atomic_int mine = 0, others = 0;
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_OK);
    assert_int_equal(pending_begin(pending, MINE("b")), STATUS_OK);
    assert_int_equal(pending_begin(pending, MINE("made")), STATUS_OK);
    assert_true(pending_end(pending, MINE("made"), STATUS_OK));
    assert_int_equal(pending_wait(pending, MINE("a"), count_wake, &mine), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, unheard_of.text, count_wake, &mine), PENDING_WAIT);
    assert_int_equal(pending_wait(pending, MINE("b"), count_wake, &others), PENDING_WAIT);

    const char *const withdrawn[] = {MINE("a"), MINE("made"), unheard_of.text};
    for (size_t i = 0; i < ARRAY_LEN(withdrawn); i++) {
        pending_withdraw(pending, withdrawn[i]);
        assert_int_equal(pending_wait(pending, withdrawn[i], count_wake, &mine), PENDING_GONE);
        assert_int_equal(pending_reason(pending, withdrawn[i]), STATUS_NOT_FOUND);
    }
    assert_int_equal(mine, 2);
    assert_int_equal(others, 0);
    assert_false(pending_end(pending, MINE("a"), STATUS_OK));
    assert_true(pending_end(pending, MINE("b"), STATUS_OK));
}

static void a_withdrawn_speech_does_not_begin(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(1, 4, LONG_MS);
    pending_withdraw(pending, MINE("late"));
    assert_int_equal(pending_begin(pending, MINE("late")), STATUS_NOT_FOUND);
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_OK);
    pending_withdraw(pending, MINE("a"));
    pending_withdraw(pending, MINE("a"));
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_NOT_FOUND);
    assert_false(pending_end(pending, MINE("a"), STATUS_OK));
    assert_int_equal(pending_begin(pending, MINE("a")), STATUS_NOT_FOUND);
    assert_int_equal(pending_begin(pending, MINE("b")), STATUS_OK);
    assert_true(pending_end(pending, MINE("b"), STATUS_OK));
}

static void what_is_remembered_of_withdrawn_speech_is_bounded(void **state)
{
    (void)state;
    AUTO(pending_free) struct pending *pending = with_limits(1, 4, LONG_MS);
    char path[16];
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof(path), "%d", i);
        pending_withdraw(pending, path);
    }
    assert_int_equal(pending_begin(pending, "999"), STATUS_NOT_FOUND);
    assert_int_equal(pending_begin(pending, "0"), STATUS_OK);
    assert_true(pending_end(pending, "0", STATUS_OK));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_is_woken_once_when_the_speech_is_there),
        cmocka_unit_test(who_comes_before_the_speech_is_begun_waits_as_well),
        cmocka_unit_test(who_comes_afterwards_need_not_wait),
        cmocka_unit_test(what_was_asked_for_just_now_is_waited_for_until_its_time_is_up),
        cmocka_unit_test(a_speech_that_begins_late_is_waited_for_as_long_as_any),
        cmocka_unit_test(nobody_waits_for_what_was_asked_for_at_another_time_or_at_none),
        cmocka_unit_test_setup_teardown(what_another_replica_makes_is_seen, set_up, tear_down),
        cmocka_unit_test(strangers_do_not_take_all_places),
        cmocka_unit_test(a_full_disk_is_the_reason_for_what_it_refused),
        cmocka_unit_test(the_end_of_a_few_hundred_speeches_is_remembered),
        cmocka_unit_test(the_wait_for_a_pending_speech_ends_at_the_limit),
        cmocka_unit_test(a_speech_is_begun_once_and_again_after_it_failed),
        cmocka_unit_test(both_tables_are_bounded),
        cmocka_unit_test(after_the_stop_nobody_waits),
        cmocka_unit_test(who_makes_a_cancelled_speech_is_told_at_its_end),
        cmocka_unit_test(nobody_waits_for_a_cancelled_speech),
        cmocka_unit_test(a_speech_may_begin_again_after_the_cancelled_one),
        cmocka_unit_test(nobody_gets_a_withdrawn_speech),
        cmocka_unit_test(a_withdrawn_speech_does_not_begin),
        cmocka_unit_test(what_is_remembered_of_withdrawn_speech_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
