/* SPDX-License-Identifier: MIT */
#include "services/media/speech/lane.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct speech_job *new_job(void)
{
    const struct speech_key key = {"0123"};
    return speech_job_new(&key, voices_get(NULL), "text");
}

static void count(void *closure, struct speech_job *job)
{
    atomic_fetch_add((atomic_uint *)closure, 1);
    speech_job_free(job);
}

static void the_stop_runs_what_waits(void **state)
{
    (void)state;
    atomic_uint done = 0;
    struct lane_options options = {.threads = 3, .queue_max = 100, .run = count, .closure = &done};
    struct lane *lane = lane_new(&options);
    for (int i = 0; i < 100; i++)
        assert_true(lane_add(lane, new_job()));
    lane_stop(lane);
    assert_int_equal(done, 100);
}

static void pass_gate(void *gate, struct speech_job *job)
{
    pthread_barrier_wait(gate);
    speech_job_free(job);
}

/* Each of them waits for the other. */
static void all_threads_run_at_the_same_time(void **state)
{
    (void)state;
    pthread_barrier_t gate;
    pthread_barrier_init(&gate, NULL, 2);
    struct lane_options options = {
        .threads = 2, .queue_max = 2, .run = pass_gate, .closure = &gate};
    struct lane *lane = lane_new(&options);
    assert_true(lane_add(lane, new_job()));
    assert_true(lane_add(lane, new_job()));
    lane_stop(lane);
    pthread_barrier_destroy(&gate);
}

static void a_full_lane_takes_no_more(void **state)
{
    (void)state;
    pthread_barrier_t gate;
    pthread_barrier_init(&gate, NULL, 2);
    struct lane_options options = {
        .threads = 1, .queue_max = 1, .run = pass_gate, .closure = &gate};
    struct lane *lane = lane_new(&options);
    unsigned taken = 0;
    for (; taken < 3; taken++) {
        struct speech_job *job = new_job();
        if (lane_add(lane, job))
            continue;
        speech_job_free(job);
        break;
    }
    assert_in_range(taken, 1, 2); /* one waits, and one may be at the gate */
    for (unsigned i = 0; i < taken; i++)
        pthread_barrier_wait(&gate);
    lane_stop(lane);
    pthread_barrier_destroy(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stop_runs_what_waits),
        cmocka_unit_test(all_threads_run_at_the_same_time),
        cmocka_unit_test(a_full_lane_takes_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
