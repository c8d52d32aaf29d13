/* SPDX-License-Identifier: MIT */
#include "services/media/speech/flights.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define THREADS 4
#define ROUNDS 2000

static const struct speech_key key = {"0123"};
static const struct speech_key other_key = {"4567"};
static const struct speech_path paths[] = {{"tts/a.mp3"}, {"tts/b.mp3"}, {"tts/c.mp3"}};

static void the_first_leads_and_the_others_join(void **state)
{
    (void)state;
    AUTO(flights_free) struct flights *flights = flights_new(8);
    assert_int_equal(flights_join(flights, &key, &paths[0], 0), FLIGHT_LEAD);
    assert_int_equal(flights_join(flights, &key, &paths[1], 0), FLIGHT_JOIN);
    assert_int_equal(flights_join(flights, &other_key, &paths[2], 0), FLIGHT_LEAD);
    struct flight_paths all = flights_land(flights, &key);
    assert_int_equal(all.count, 2);
    assert_string_equal(all.paths[0].text, paths[0].text);
    assert_string_equal(all.paths[1].text, paths[1].text);
    free(all.paths);
    free(flights_land(flights, &other_key).paths);
}

static void after_the_landing_somebody_leads_again(void **state)
{
    (void)state;
    AUTO(flights_free) struct flights *flights = flights_new(8);
    assert_int_equal(flights_join(flights, &key, &paths[0], 0), FLIGHT_LEAD);
    free(flights_land(flights, &key).paths);
    assert_int_equal(flights_join(flights, &key, &paths[1], 0), FLIGHT_LEAD);
    free(flights_land(flights, &key).paths);
}

static void no_more_join_than_may(void **state)
{
    (void)state;
    AUTO(flights_free) struct flights *flights = flights_new(1);
    assert_int_equal(flights_join(flights, &key, &paths[0], 0), FLIGHT_LEAD);
    assert_int_equal(flights_join(flights, &key, &paths[1], 0), FLIGHT_JOIN);
    assert_int_equal(flights_join(flights, &key, &paths[2], 0), FLIGHT_FULL);
    struct flight_paths all = flights_land(flights, &key);
    free(all.paths);
    assert_int_equal(all.count, 2);
}

static void the_latest_deadline_counts(void **state)
{
    (void)state;
    AUTO(flights_free) struct flights *flights = flights_new(8);
    static const struct {
        int64_t deadline_ms, latest_ms;
    } cases[] = {{100, 100}, {300, 300}, {200, 300}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)!flights_join(flights, &key, &paths[i], cases[i].deadline_ms);
        assert_int_equal(flights_deadline_ms(flights, &key), cases[i].latest_ms);
    }
    free(flights_land(flights, &key).paths);
}

struct crowd {
    struct flights *flights;
    atomic_uint asked;
    atomic_uint landed;
};

static void *join_and_land(void *closure)
{
    struct crowd *crowd = closure;
    for (int i = 0; i < ROUNDS; i++) {
        enum flight_role role =
            flights_join(crowd->flights, i % 3 ? &key : &other_key, &paths[i % 3], i);
        atomic_fetch_add(&crowd->asked, role != FLIGHT_FULL);
        if (role != FLIGHT_LEAD)
            continue;
        struct flight_paths all = flights_land(crowd->flights, i % 3 ? &key : &other_key);
        atomic_fetch_add(&crowd->landed, (unsigned)all.count);
        free(all.paths);
    }
    return NULL;
}

static void everybody_who_joins_lands(void **state)
{
    (void)state;
    struct crowd crowd = {.flights = flights_new(2)};
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, join_and_land, &crowd), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(crowd.landed, crowd.asked);
    flights_free(crowd.flights);
}

static void who_has_left_gets_nothing_and_the_others_do(void **state)
{
    (void)state;
    AUTO(flights_free) struct flights *flights = flights_new(8);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        (void)!flights_join(flights, &key, &paths[i], 0);
    assert_true(flights_leave(flights, &paths[0]));
    assert_false(flights_leave(flights, &paths[0]));
    assert_false(flights_end_unwanted(flights, &key));
    struct flight_paths all = flights_land(flights, &key);
    assert_int_equal(all.count, 2);
    assert_string_equal(all.paths[0].text, paths[1].text);
    assert_string_equal(all.paths[1].text, paths[2].text);
    free(all.paths);
    assert_false(flights_leave(flights, &paths[1]));
}

static void what_all_have_left_ends(void **state)
{
    (void)state;
    AUTO(flights_free) struct flights *flights = flights_new(8);
    assert_int_equal(flights_join(flights, &key, &paths[0], 0), FLIGHT_LEAD);
    assert_int_equal(flights_join(flights, &other_key, &paths[1], 0), FLIGHT_LEAD);
    assert_true(flights_leave(flights, &paths[0]));
    assert_true(flights_end_unwanted(flights, &key));
    assert_int_equal(flights_join(flights, &key, &paths[2], 0), FLIGHT_LEAD);
    free(flights_land(flights, &key).paths);
    free(flights_land(flights, &other_key).paths);
}

static void who_joins_after_all_have_left_gets_it(void **state)
{
    (void)state;
    AUTO(flights_free) struct flights *flights = flights_new(8);
    assert_int_equal(flights_join(flights, &key, &paths[0], 0), FLIGHT_LEAD);
    assert_true(flights_leave(flights, &paths[0]));
    assert_int_equal(flights_join(flights, &key, &paths[1], 0), FLIGHT_JOIN);
    assert_false(flights_end_unwanted(flights, &key));
    struct flight_paths all = flights_land(flights, &key);
    assert_int_equal(all.count, 1);
    assert_string_equal(all.paths[0].text, paths[1].text);
    free(all.paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_leads_and_the_others_join),
        cmocka_unit_test(after_the_landing_somebody_leads_again),
        cmocka_unit_test(no_more_join_than_may),
        cmocka_unit_test(the_latest_deadline_counts),
        cmocka_unit_test(everybody_who_joins_lands),
        cmocka_unit_test(who_has_left_gets_nothing_and_the_others_do),
        cmocka_unit_test(what_all_have_left_ends),
        cmocka_unit_test(who_joins_after_all_have_left_gets_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
