/* SPDX-License-Identifier: MIT */
#include "lib/base/gather.h"

#include "lib/base/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

#define LONG_MS 60000 /* a test that waited so long would be ended */
#define THREADS 24
#define ROUNDS 200

static atomic_uint batches;

/* Doubles numbers. */
static enum status double_all(void *const *items, size_t count, void *context)
{
    atomic_fetch_add(&batches, 1);
    for (size_t i = 0; i < count; i++)
        *(int *)items[i] *= 2;
    if (context)
        *(size_t *)context = count;
    return STATUS_OK;
}

static enum status refuse(void *const *items, size_t count, void *context)
{
    (void)items, (void)count, (void)context;
    return STATUS_UNAVAILABLE;
}

struct thread {
    pthread_t id;
    struct gather *gather;
    unsigned wait_ms;
    int number;
    size_t led; /* how many items, when this thread did the work */
    enum status status;
};

static void *run(void *closure)
{
    struct thread *thread = closure;
    thread->status = gather_run(thread->gather, &thread->number, &thread->led, thread->wait_ms);
    return NULL;
}

static void run_together(struct thread *threads, size_t count, struct gather *gather)
{
    for (size_t i = 0; i < count; i++) {
        threads[i] = (struct thread){.gather = gather, .wait_ms = LONG_MS, .number = (int)i};
        assert_int_equal(pthread_create(&threads[i].id, NULL, run, &threads[i]), 0);
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i].id, NULL);
}

static void who_is_in_a_hurry_works_alone(void **state)
{
    (void)state;
    struct gather *gather = gather_new(double_all, GATHER_MAX);
    int number = 21;
    size_t led = 0;
    assert_int_equal(gather_run(gather, &number, &led, 0), STATUS_OK);
    assert_int_equal(number, 42);
    assert_int_equal(led, 1);
    gather_free(gather);
}

static void the_wait_for_others_ends(void **state)
{
    (void)state;
    struct gather *gather = gather_new(double_all, GATHER_MAX);
    int number = 1;
    size_t led = 0;
    int64_t before_ms = clock_mono_ms();
    assert_int_equal(gather_run(gather, &number, &led, 20), STATUS_OK);
    assert_true(clock_mono_ms() - before_ms >= 20);
    assert_int_equal(led, 1);
    gather_free(gather);
}

/* Without a full batch it would wait a minute. */
static void a_full_batch_is_done_at_once_by_one(void **state)
{
    (void)state;
    struct gather *gather = gather_new(double_all, 8);
    struct thread threads[8];
    atomic_store(&batches, 0);
    run_together(threads, 8, gather);
    size_t leaders = 0;
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(threads[i].status, STATUS_OK);
        assert_int_equal(threads[i].number, 2 * (int)i);
        leaders += threads[i].led == 8;
    }
    assert_int_equal(atomic_load(&batches), 1);
    assert_int_equal(leaders, 1);
    gather_free(gather);
}

static void a_failure_is_everybodys(void **state)
{
    (void)state;
    struct gather *gather = gather_new(refuse, 4);
    struct thread threads[4];
    run_together(threads, 4, gather);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(threads[i].status, STATUS_UNAVAILABLE);
    gather_free(gather);
}

static void *run_often(void *closure)
{
    struct thread *thread = closure;
    for (int i = 0; i < ROUNDS && thread->status == STATUS_OK; i++) {
        int number = i;
        enum status status = gather_run(thread->gather, &number, NULL, (unsigned)i % 3);
        thread->status = number == 2 * i ? status : STATUS_INTERNAL;
    }
    return NULL;
}

static void every_item_is_done_exactly_once(void **state)
{
    (void)state;
    struct gather *gather = gather_new(double_all, 5);
    struct thread threads[THREADS] = {0};
    for (size_t i = 0; i < THREADS; i++) {
        threads[i].gather = gather;
        assert_int_equal(pthread_create(&threads[i].id, NULL, run_often, &threads[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i].id, NULL);
        assert_int_equal(threads[i].status, STATUS_OK);
    }
    gather_free(gather);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_in_a_hurry_works_alone),
        cmocka_unit_test(the_wait_for_others_ends),
        cmocka_unit_test(a_full_batch_is_done_at_once_by_one),
        cmocka_unit_test(a_failure_is_everybodys),
        cmocka_unit_test(every_item_is_done_exactly_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
