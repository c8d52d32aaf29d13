/* SPDX-License-Identifier: MIT */
#include "services/auth/hashing/lane.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define THREADS 3
#define CALLERS 16
#define RUNS 50
#define NICEST 19

struct where {
    pthread_t thread;
    int niceness;
};

static void look_around(void *closure)
{
    struct where *where = closure;
    where->thread = pthread_self();
    where->niceness = getpriority(PRIO_PROCESS, 0);
}

static void a_computation_runs_in_another_thread_of_lower_priority(void **state)
{
    (void)state;
    AUTO(hash_lane_free) struct hash_lane *lane = hash_lane_new(1);
    struct where here;
    struct where there = {0};
    look_around(&here);
    hash_lane_run(lane, look_around, &there);
    assert_false(pthread_equal(here.thread, there.thread));
    assert_true(there.niceness > here.niceness || here.niceness == NICEST);
    assert_int_equal(getpriority(PRIO_PROCESS, 0), here.niceness);
}

/* ---- many callers ---- */

struct crowd {
    struct hash_lane *lane;
    atomic_int running;
    atomic_int most;
    atomic_int done;
};

static void count_running(void *closure)
{
    struct crowd *crowd = closure;
    int running = atomic_fetch_add(&crowd->running, 1) + 1;
    int most = atomic_load(&crowd->most);
    while (running > most && !atomic_compare_exchange_weak(&crowd->most, &most, running))
        ;
    sched_yield();
    atomic_fetch_sub(&crowd->running, 1);
    atomic_fetch_add(&crowd->done, 1);
}

static void *call_often(void *closure)
{
    struct crowd *crowd = closure;
    for (int i = 0; i < RUNS; i++)
        hash_lane_run(crowd->lane, count_running, crowd);
    return NULL;
}

static void every_computation_is_done_and_never_more_at_once_than_there_are_threads(void **state)
{
    (void)state;
    AUTO(hash_lane_free) struct hash_lane *lane = hash_lane_new(THREADS);
    struct crowd crowd = {.lane = lane};
    pthread_t callers[CALLERS];
    for (int i = 0; i < CALLERS; i++)
        assert_int_equal(pthread_create(&callers[i], NULL, call_often, &crowd), 0);
    for (int i = 0; i < CALLERS; i++)
        pthread_join(callers[i], NULL);
    assert_int_equal(atomic_load(&crowd.done), CALLERS * RUNS);
    assert_true(atomic_load(&crowd.most) <= THREADS);
}

/* ---- as many at once as there are threads ---- */

struct meeting {
    struct hash_lane *lane;
    pthread_barrier_t all_here;
};

static void meet(void *closure)
{
    struct meeting *meeting = closure;
    pthread_barrier_wait(&meeting->all_here);
}

static void *call_once(void *closure)
{
    struct meeting *meeting = closure;
    hash_lane_run(meeting->lane, meet, meeting);
    return NULL;
}

/* They wait for each other: with fewer at once this test would never end. */
static void as_many_run_at_once_as_there_are_threads(void **state)
{
    (void)state;
    AUTO(hash_lane_free) struct hash_lane *lane = hash_lane_new(THREADS);
    struct meeting meeting = {.lane = lane};
    pthread_barrier_init(&meeting.all_here, NULL, THREADS);
    pthread_t callers[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&callers[i], NULL, call_once, &meeting), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(callers[i], NULL);
    pthread_barrier_destroy(&meeting.all_here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_computation_runs_in_another_thread_of_lower_priority),
        cmocka_unit_test(every_computation_is_done_and_never_more_at_once_than_there_are_threads),
        cmocka_unit_test(as_many_run_at_once_as_there_are_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
