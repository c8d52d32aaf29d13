/* SPDX-License-Identifier: MIT */
#include "services/gateway/body.h"

#include <pthread.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ALL_MAX 100
#define ONE_MAX 60

static const char bytes[ALL_MAX + 1];

static int set_up(void **state)
{
    *state = bodies_new(ALL_MAX, NULL);
    return 0;
}

static int tear_down(void **state)
{
    bodies_free(*state);
    return 0;
}

static void a_body_has_a_maximum(void **state)
{
    struct body body;
    body_init(&body, *state, ONE_MAX);
    assert_int_equal(body_add(&body, bytes, ONE_MAX + 1), STATUS_TOO_LARGE);
    assert_int_equal(body_slice(&body).size, 0);
    assert_int_equal(body_add(&body, bytes, ONE_MAX - 1), STATUS_OK);
    assert_int_equal(body_add(&body, "ab", 2), STATUS_TOO_LARGE);
    assert_int_equal(body_add(&body, "a", 1), STATUS_OK);
    assert_int_equal(body_slice(&body).size, ONE_MAX);
    body_done(&body);
}

static void all_bodies_have_one_together(void **state)
{
    struct body first;
    struct body *second = body_new(*state, ONE_MAX);
    body_init(&first, *state, ONE_MAX);
    assert_int_equal(body_add(&first, bytes, ONE_MAX), STATUS_OK);
    assert_int_equal(body_add(second, bytes, ALL_MAX - ONE_MAX + 1), STATUS_UNAVAILABLE);
    assert_int_equal(body_add(second, bytes, ALL_MAX - ONE_MAX), STATUS_OK);
    assert_int_equal(body_add(second, "a", 1), STATUS_UNAVAILABLE);
    body_done(&first);
    assert_int_equal(body_add(second, "a", 1), STATUS_OK);
    assert_int_equal(body_add(&first, bytes, ONE_MAX - 1), STATUS_OK);
    body_done(&first);
    body_free(second);
}

static void what_is_held_is_counted_in_metrics(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new();
    struct bodies *bodies = bodies_new(ALL_MAX, metrics);
    struct metric *held = metrics_gauge(metrics, "ttb_http_body_memory_bytes", "", "");
    struct metric *refused = metrics_counter(metrics, "ttb_http_body_memory_refused_total", "", "");
    struct body *body = body_new(bodies, 2 * ALL_MAX);
    assert_int_equal(body_add(body, bytes, ALL_MAX), STATUS_OK);
    assert_int_equal(body_add(body, "a", 1), STATUS_UNAVAILABLE);
    assert_int_equal(metric_value(held), ALL_MAX);
    assert_int_equal(metric_value(refused), 1);
    body_free(body);
    assert_int_equal(metric_value(held), 0);
    bodies_free(bodies);
    metrics_free(metrics);
}

static void *hold_and_let_go(void *closure)
{
    for (int i = 0; i < 20000; i++) {
        struct body body;
        body_init(&body, closure, ONE_MAX);
        if (body_add(&body, bytes, ONE_MAX) != STATUS_OK)
            assert_int_equal(body_slice(&body).size, 0);
        body_done(&body);
    }
    return NULL;
}

static void threads_leave_nothing_behind(void **state)
{
    pthread_t threads[2];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hold_and_let_go, *state), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    struct body body;
    body_init(&body, *state, ALL_MAX);
    assert_int_equal(body_add(&body, bytes, ALL_MAX), STATUS_OK);
    body_done(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_body_has_a_maximum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_bodies_have_one_together, set_up, tear_down),
        cmocka_unit_test(what_is_held_is_counted_in_metrics),
        cmocka_unit_test_setup_teardown(threads_leave_nothing_behind, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
