/* SPDX-License-Identifier: MIT */
#include "lib/base/allowance.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define NOW (5000 * SECOND)
#define LIMIT 20
#define WINDOW_S 60
#define CLIENTS 300000
#define THREADS 4

static int set_up(void **state)
{
    *state = allowance_new(LIMIT, WINDOW_S);
    return 0;
}

static int tear_down(void **state)
{
    allowance_free(*state);
    return 0;
}

static struct allowance_verdict take(struct allowance *allowance, uint32_t client, int64_t now_ns)
{
    struct allowance_key key = {0};
    memcpy(key.bytes, &client, sizeof(client));
    return allowance_take(allowance, &key, now_ns);
}

static void use_up(struct allowance *allowance, uint32_t client)
{
    for (unsigned i = 1; i <= LIMIT; i++) {
        struct allowance_verdict verdict = take(allowance, client, NOW);
        assert_false(verdict.is_refused);
        assert_int_equal(verdict.remaining, LIMIT - i);
    }
}

static void all_of_it_may_come_at_once_and_no_more(void **state)
{
    use_up(*state, 1);
    struct allowance_verdict verdict = take(*state, 1, NOW);
    assert_true(verdict.is_refused);
    assert_int_equal(verdict.remaining, 0);
    assert_int_equal(verdict.reset_s, WINDOW_S / LIMIT);
}

static void what_was_used_comes_back_evenly(void **state)
{
    use_up(*state, 1);
    assert_true(take(*state, 1, NOW + 3 * SECOND - 1).is_refused);
    assert_false(take(*state, 1, NOW + 3 * SECOND).is_refused);
    assert_true(take(*state, 1, NOW + 3 * SECOND).is_refused);
    assert_int_equal(take(*state, 1, NOW + 60 * SECOND).remaining, LIMIT - 2);
}

static void what_is_refused_costs_nothing(void **state)
{
    use_up(*state, 1);
    for (int i = 0; i < 1000; i++)
        assert_true(take(*state, 1, NOW + SECOND).is_refused);
    assert_false(take(*state, 1, NOW + 3 * SECOND).is_refused);
}

static void who_waits_as_told_is_granted(void **state)
{
    use_up(*state, 1);
    int64_t now_ns = NOW + SECOND / 2;
    struct allowance_verdict verdict = take(*state, 1, now_ns);
    assert_true(verdict.is_refused);
    assert_false(take(*state, 1, now_ns + verdict.reset_s * SECOND).is_refused);
}

static void an_idle_client_has_no_more_than_a_windows_worth(void **state)
{
    assert_false(take(*state, 1, NOW - 4000 * SECOND).is_refused);
    use_up(*state, 1);
    assert_true(take(*state, 1, NOW).is_refused);
}

static void clients_and_tables_count_apart(void **state)
{
    AUTO(allowance_free) struct allowance *other = allowance_new(LIMIT, WINDOW_S);
    use_up(*state, 0);
    use_up(*state, 1);
    use_up(other, 1);
}

static void the_window_may_have_any_length(void **state)
{
    (void)state;
    AUTO(allowance_free) struct allowance *hourly = allowance_new(1, 3600);
    assert_false(take(hourly, 1, NOW).is_refused);
    struct allowance_verdict verdict = take(hourly, 1, NOW + 600 * SECOND);
    assert_true(verdict.is_refused);
    assert_int_equal(verdict.reset_s, 3000);
    assert_false(take(hourly, 1, NOW + 3600 * SECOND).is_refused);
}

static void an_id_is_a_key_of_its_own(void **state)
{
    const struct uuid masha = {"78418dac-87b8-4de3-95e6-d49d3961fa8e"};
    const struct uuid dasha = {"78418dac-87b8-4de3-95e6-d49d3961fa8f"};
    struct allowance_key first = allowance_key_of(&masha);
    struct allowance_key second = allowance_key_of(&dasha);
    for (int i = 0; i < LIMIT; i++)
        assert_false(allowance_take(*state, &first, NOW).is_refused);
    assert_true(allowance_take(*state, &first, NOW).is_refused);
    assert_false(allowance_take(*state, &second, NOW).is_refused);
}

/* Many more clients than there is room for, each asking once, and one that has used all it had. */
static void clients_that_come_and_go_do_not_displace_one_that_has_asked_much(void **state)
{
    use_up(*state, CLIENTS);
    for (uint32_t i = 0; i < CLIENTS; i++)
        assert_false(take(*state, i, NOW).is_refused);
    assert_true(take(*state, CLIENTS, NOW).is_refused);
}

struct crowd {
    struct allowance *allowance;
    atomic_uint granted;
};

static void *take_often(void *closure)
{
    struct crowd *crowd = closure;
    for (int i = 0; i < LIMIT; i++)
        if (!take(crowd->allowance, 1, NOW).is_refused)
            atomic_fetch_add(&crowd->granted, 1);
    return NULL;
}

static void threads_share_one_allowance(void **state)
{
    struct crowd crowd = {.allowance = *state};
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_often, &crowd), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(crowd.granted, LIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_of_it_may_come_at_once_and_no_more),
        TEST(what_was_used_comes_back_evenly),
        TEST(what_is_refused_costs_nothing),
        TEST(who_waits_as_told_is_granted),
        TEST(an_idle_client_has_no_more_than_a_windows_worth),
        TEST(clients_and_tables_count_apart),
        TEST(the_window_may_have_any_length),
        TEST(an_id_is_a_key_of_its_own),
        TEST(clients_that_come_and_go_do_not_displace_one_that_has_asked_much),
        TEST(threads_share_one_allowance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
