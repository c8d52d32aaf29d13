/* SPDX-License-Identifier: MIT */
#include "lib/base/metrics.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define THREADS 4
#define ROUNDS 2000

static int set_up(void **state)
{
    *state = metrics_new();
    return 0;
}

static int tear_down(void **state)
{
    metrics_free(*state);
    return 0;
}

static void counters_and_gauges_change(void **state)
{
    struct metric *counter = metrics_counter(*state, "ttb_calls_total", "Calls.", "");
    struct metric *gauge = metrics_gauge(*state, "ttb_open", "Open ones.", "");
    metric_add(counter, 2);
    metric_add(counter, 3);
    metric_set(gauge, 7);
    metric_add(gauge, -9);
    assert_int_equal(metric_value(counter), 5);
    assert_int_equal(metric_value(gauge), -2);
}

static void a_metric_made_again_is_the_same_one(void **state)
{
    struct metric *first = metrics_counter(*state, "ttb_a_total", "A.", "k=\"1\"");
    struct metric *other = metrics_counter(*state, "ttb_a_total", "A.", "k=\"2\"");
    metrics_counter(*state, "ttb_b_total", "B.", "k=\"1\"");
    assert_ptr_not_equal(first, other);
    assert_ptr_equal(first, metrics_counter(*state, "ttb_a_total", "A.", "k=\"1\""));
    assert_ptr_equal(other, metrics_counter(*state, "ttb_a_total", "A.", "k=\"2\""));
}

static void a_null_metric_counts_nothing(void **state)
{
    (void)state;
    metric_add(NULL, 1);
    metric_set(NULL, 1);
    metric_observe_ns(NULL, 1);
    assert_int_equal(metric_value(NULL), 0);
}

static void series_of_one_name_stand_under_one_heading(void **state)
{
    metric_add(metrics_counter(*state, "ttb_a_total", "A.", "k=\"1\""), 1);
    metric_set(metrics_gauge(*state, "ttb_b", "B.", ""), -2);
    metric_add(metrics_counter(*state, "ttb_a_total", "A.", "k=\"2\""), 3);
    metric_add(metrics_counter(*state, "ttb_c_total", "C.", ""), 4);
    AUTO_BUFFER(out, 4096);
    metrics_render(*state, &out);
    assert_string_equal(buffer_text(&out), "# HELP ttb_a_total A.\n"
                                           "# TYPE ttb_a_total counter\n"
                                           "ttb_a_total{k=\"1\"} 1\n"
                                           "ttb_a_total{k=\"2\"} 3\n"
                                           "# HELP ttb_b B.\n"
                                           "# TYPE ttb_b gauge\n"
                                           "ttb_b -2\n"
                                           "# HELP ttb_c_total C.\n"
                                           "# TYPE ttb_c_total counter\n"
                                           "ttb_c_total 4\n");
}

static void seconds_are_counted_in_nanoseconds(void **state)
{
    struct metric *seconds = metrics_seconds(*state, "ttb_s_total", "S.", "");
    metric_set(seconds, 1500000000);
    metric_add(seconds, 1);
    AUTO_BUFFER(out, 4096);
    metrics_render(*state, &out);
    assert_string_equal(buffer_text(&out), "# HELP ttb_s_total S.\n"
                                           "# TYPE ttb_s_total counter\n"
                                           "ttb_s_total 1.500000001\n");
}

static void a_histogram_has_cumulated_buckets_sum_and_count(void **state)
{
    struct metric *metric = metrics_histogram(*state, "ttb_s", "Seconds.", "pool=\"io\"");
    metric_observe_ns(metric, 0);
    metric_observe_ns(metric, 250000); /* a bucket holds its own bound */
    metric_observe_ns(metric, 250001);
    metric_observe_ns(metric, 2000000000);
    metric_observe_ns(metric, 11000000000);
    assert_int_equal(metric_value(metric), 5);
    AUTO_BUFFER(out, 4096);
    metrics_render(*state, &out);
    assert_string_equal(buffer_text(&out), "# HELP ttb_s Seconds.\n"
                                           "# TYPE ttb_s histogram\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"0.00025\"} 2\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"0.0005\"} 3\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"0.001\"} 3\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"0.0025\"} 3\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"0.005\"} 3\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"0.01\"} 3\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"0.025\"} 3\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"0.05\"} 3\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"0.1\"} 3\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"0.25\"} 3\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"0.5\"} 3\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"1\"} 3\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"2.5\"} 4\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"5\"} 4\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"10\"} 4\n"
                                           "ttb_s_bucket{pool=\"io\",le=\"+Inf\"} 5\n"
                                           "ttb_s_sum{pool=\"io\"} 13.000500001\n"
                                           "ttb_s_count{pool=\"io\"} 5\n");
}

static void a_histogram_without_labels_has_plain_names(void **state)
{
    metrics_histogram(*state, "ttb_s", "Seconds.", "");
    AUTO_BUFFER(out, 4096);
    metrics_render(*state, &out);
    assert_non_null(strstr(buffer_text(&out), "\nttb_s_bucket{le=\"0.1\"} 0\n"));
    assert_non_null(strstr(buffer_text(&out), "\nttb_s_sum 0.000000000\nttb_s_count 0\n"));
}

static void *count_many(void *argument)
{
    struct metrics *metrics = argument;
    for (int i = 0; i < ROUNDS; i++) {
        metric_add(metrics_counter(metrics, "ttb_calls_total", "Calls.", ""), 1);
        metric_observe_ns(metrics_histogram(metrics, "ttb_s", "Seconds.", ""), i);
    }
    return NULL;
}

static void threads_lose_no_count(void **state)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_many, *state), 0);
    AUTO_BUFFER(out, 4096);
    metrics_render(*state, &out);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    struct metric *calls = metrics_counter(*state, "ttb_calls_total", "Calls.", "");
    struct metric *seconds = metrics_histogram(*state, "ttb_s", "Seconds.", "");
    assert_int_equal(metric_value(calls), THREADS * ROUNDS);
    assert_int_equal(metric_value(seconds), THREADS * ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counters_and_gauges_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_metric_made_again_is_the_same_one, set_up, tear_down),
        cmocka_unit_test(a_null_metric_counts_nothing),
        cmocka_unit_test_setup_teardown(series_of_one_name_stand_under_one_heading, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(seconds_are_counted_in_nanoseconds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_histogram_has_cumulated_buckets_sum_and_count, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_histogram_without_labels_has_plain_names, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(threads_lose_no_count, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
