/* SPDX-License-Identifier: MIT */
#include "services/auth/store/attempts.h"

#include "services/auth/domain/attempts.h"
#include "tests/unit/services/auth/store/fixture.h"

#define NETWORK "203.0.113.7"

static int set_up(void **state)
{
    fixture_sql("delete from auth.login_attempts");
    return fixture_set_up(state);
}

static struct attempt find(struct call *call, const char *username, const char *network)
{
    struct attempt_question question = {.call = call, .username = username, .network = network};
    struct attempt_question *questions[] = {&question};
    assert_int_equal(attempts_find(call, questions, 1), STATUS_OK);
    return question.attempt;
}

static void fail_times(struct call *call, int64_t times)
{
    const struct attempt attempt = find(call, "ann", NETWORK);
    for (int64_t i = 0; i < times; i++)
        assert_int_equal(attempts_fail(call, &attempt), STATUS_OK);
}

static void an_attempt_counts_for_the_account_and_the_address(void **state)
{
    fail_times(*state, 2);
    const struct attempt attempt = find(*state, "ann", NETWORK);
    assert_string_equal(attempt.user.id, ANN);
    assert_string_equal(attempt.own.name, "account:ann");
    assert_string_equal(attempt.address.name, "address:" NETWORK);
    assert_int_equal(attempt.own.failures, 2);
    assert_int_equal(attempt.address.failures, 2);
    assert_int_equal(find(*state, "ann", "203.0.113.8").address.failures, 0);
    assert_int_equal(find(*state, "bob", NETWORK).own.failures, 0);
}

static void at_a_known_address_it_counts_for_both_together(void **state)
{
    fixture_sql("insert into auth.known_addresses (user_id, address)"
                "  values ('" ANN "', '" NETWORK "')");
    fail_times(*state, 1);
    const struct attempt attempt = find(*state, "ann", NETWORK);
    assert_string_equal(attempt.own.name, "known:ann|" NETWORK);
    assert_null(attempt.address.name);
    assert_int_equal(attempt.own.failures, 1);
    assert_int_equal(fixture_sql("select count(*) from auth.login_attempts"), 1);
}

static void each_of_several_questions_gets_its_own_answer(void **state)
{
    fail_times(*state, 2);
    struct attempt_question first = {.call = *state, .username = "nobody", .network = NETWORK};
    struct attempt_question second = {.call = *state, .username = "ann", .network = "203.0.113.8"};
    struct attempt_question third = {.call = *state, .username = "ann", .network = "\"quoted\""};
    struct attempt_question *questions[] = {&first, &second, &third};
    assert_int_equal(attempts_find(*state, questions, 3), STATUS_OK);
    assert_null(first.attempt.user.id);
    assert_int_equal(first.attempt.address.failures, 2);
    assert_string_equal(second.attempt.user.id, ANN);
    assert_int_equal(second.attempt.own.failures, 2);
    assert_int_equal(second.attempt.address.failures, 0);
    assert_string_equal(third.attempt.address.name, "address:\"quoted\"");
}

static void without_a_name_or_an_address_the_other_counts(void **state)
{
    const struct attempt nameless = find(*state, NULL, NETWORK);
    assert_null(nameless.user.id);
    assert_null(nameless.own.name);
    assert_string_equal(nameless.address.name, "address:" NETWORK);
    const struct attempt placeless = find(*state, "nobody", NULL);
    assert_null(placeless.user.id);
    assert_string_equal(placeless.own.name, "account:nobody");
    assert_null(placeless.address.name);
}

static void an_hour_forgets(void **state)
{
    fail_times(*state, 3);
    fixture_sql("update auth.login_attempts set last_failed_at = now() - interval '1 hour'");
    assert_int_equal(find(*state, "ann", NETWORK).own.failures, 0);
    fail_times(*state, 1);
    assert_int_equal(find(*state, "ann", NETWORK).own.failures, 1);
}

static void free_attempts_need_no_claim(void **state)
{
    fail_times(*state, ATTEMPTS_FREE_OF_ACCOUNT - 1);
    const struct attempt attempt = find(*state, "ann", NETWORK);
    assert_int_equal(attempts_claim(*state, &attempt), STATUS_OK);
    assert_int_equal(attempts_claim(*state, &attempt), STATUS_OK);
}

static void of_two_that_claim_one_gets_the_turn(void **state)
{
    fail_times(*state, ATTEMPTS_FREE_OF_ACCOUNT);
    const struct attempt first = find(*state, "ann", NETWORK);
    const struct attempt second = find(*state, "ann", NETWORK);
    assert_int_equal(attempts_claim(*state, &first), STATUS_OK);
    assert_int_equal(attempts_claim(*state, &second), STATUS_CONFLICT);
    assert_int_equal(attempts_fail(*state, &first), STATUS_OK);
    /* What it looked at is not how things stand any more. */
    assert_int_equal(attempts_claim(*state, &second), STATUS_CONFLICT);
}

static void who_does_not_get_both_turns_takes_neither(void **state)
{
    fail_times(*state, ATTEMPTS_FREE_OF_ADDRESS);
    const struct attempt attempt = find(*state, "ann", NETWORK);
    fixture_sql("update auth.login_attempts set blocked_until = now() + interval '10 s'"
                "  where subject = 'account:ann'");
    assert_int_equal(attempts_claim(*state, &attempt), STATUS_CONFLICT);
    assert_int_equal(fixture_sql("select count(*) from auth.login_attempts"
                                 "  where subject = 'address:" NETWORK "'"
                                 "    and blocked_until <= now()"),
                     1);
}

static void success_forgets_the_account_and_gives_the_address_its_turn_back(void **state)
{
    fail_times(*state, ATTEMPTS_FREE_OF_ADDRESS);
    const struct attempt attempt = find(*state, "ann", NETWORK);
    assert_int_equal(attempts_claim(*state, &attempt), STATUS_OK);
    assert_int_equal(attempts_succeed(*state, &attempt), STATUS_OK);
    const struct attempt next = find(*state, "ann", NETWORK);
    assert_int_equal(next.own.failures, 0);
    assert_int_equal(next.address.failures, ATTEMPTS_FREE_OF_ADDRESS);
    assert_int_equal(attempts_claim(*state, &next), STATUS_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_attempt_counts_for_the_account_and_the_address),
        TEST(at_a_known_address_it_counts_for_both_together),
        TEST(each_of_several_questions_gets_its_own_answer),
        TEST(without_a_name_or_an_address_the_other_counts),
        TEST(an_hour_forgets),
        TEST(free_attempts_need_no_claim),
        TEST(of_two_that_claim_one_gets_the_turn),
        TEST(who_does_not_get_both_turns_takes_neither),
        TEST(success_forgets_the_account_and_gives_the_address_its_turn_back),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
