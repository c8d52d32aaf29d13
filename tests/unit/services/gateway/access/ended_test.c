/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/ended.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define USER "78418dac-87b8-4de3-95e6-d49d3961fa8e"
#define OTHER_USER "88418dac-87b8-4de3-95e6-d49d3961fa8e"
#define SESSION "0b7bd0a5-0d2c-4a51-9b0c-1d6e6c2f4c11"
#define OTHER_SESSION "1b7bd0a5-0d2c-4a51-9b0c-1d6e6c2f4c11"
#define NOW 1767300000
#define EXPIRES (NOW + 100)
#define ISSUED (NOW - 100)
#define MANY 5000

static int set_up(void **state)
{
    *state = ended_new();
    return 0;
}

static int tear_down(void **state)
{
    ended_free(*state);
    return 0;
}

static bool is_ended_at(struct ended *ended, const char *user_id, const char *session_id,
                        int64_t issued_s, int64_t now_s)
{
    struct token_claims claims = {.issued_s = issued_s};
    assert_true(uuid_parse(user_id, &claims.user_id));
    if (*session_id)
        assert_true(uuid_parse(session_id, &claims.session_id));
    return ended_contains(ended, &claims, now_s);
}

static bool is_ended(struct ended *ended, const char *user_id, const char *session_id,
                     int64_t issued_s)
{
    return is_ended_at(ended, user_id, session_id, issued_s, NOW);
}

static void an_ended_session_is_refused_and_no_other(void **state)
{
    assert_false(is_ended(*state, USER, SESSION, ISSUED));
    assert_true(ended_add_session(*state, SESSION, EXPIRES, NOW));
    assert_true(is_ended(*state, USER, SESSION, ISSUED));
    assert_false(is_ended(*state, USER, OTHER_SESSION, ISSUED));
    assert_false(is_ended(*state, USER, "", ISSUED));
}

static void a_cutoff_refuses_what_the_user_was_given_before(void **state)
{
    assert_true(ended_add_cutoff(*state, USER, ISSUED, NULL, EXPIRES, NOW));
    assert_true(is_ended(*state, USER, SESSION, ISSUED - 1));
    assert_false(is_ended(*state, USER, SESSION, ISSUED));
    assert_false(is_ended(*state, OTHER_USER, SESSION, ISSUED - 1));
}

static void a_cutoff_refuses_tokens_without_session_or_time(void **state)
{
    assert_true(ended_add_cutoff(*state, USER, ISSUED, NULL, EXPIRES, NOW));
    assert_true(is_ended(*state, USER, "", ISSUED - 1));
    assert_true(is_ended(*state, USER, "", 0));
    assert_false(is_ended(*state, USER, "", ISSUED));
}

static void a_cutoff_lets_the_excepted_session_be(void **state)
{
    assert_true(ended_add_cutoff(*state, USER, ISSUED, SESSION, EXPIRES, NOW));
    assert_false(is_ended(*state, USER, SESSION, ISSUED - 1));
    assert_true(is_ended(*state, USER, OTHER_SESSION, ISSUED - 1));
    assert_true(is_ended(*state, USER, "", ISSUED - 1));
}

static void an_excepted_session_may_end_by_itself(void **state)
{
    assert_true(ended_add_cutoff(*state, USER, ISSUED, SESSION, EXPIRES, NOW));
    assert_true(ended_add_session(*state, SESSION, EXPIRES, NOW));
    assert_true(is_ended(*state, USER, SESSION, ISSUED - 1));
}

static void a_later_cutoff_takes_the_place_of_the_first(void **state)
{
    assert_true(ended_add_cutoff(*state, USER, ISSUED, SESSION, EXPIRES, NOW));
    assert_true(ended_add_cutoff(*state, USER, ISSUED + 5, NULL, EXPIRES, NOW));
    assert_true(is_ended(*state, USER, SESSION, ISSUED + 4));
    assert_false(is_ended(*state, USER, SESSION, ISSUED + 5));
}

static void what_is_told_again_is_no_news(void **state)
{
    assert_true(ended_add_session(*state, SESSION, EXPIRES, NOW));
    assert_false(ended_add_session(*state, SESSION, EXPIRES, NOW));
    assert_true(ended_add_cutoff(*state, USER, ISSUED, SESSION, EXPIRES, NOW));
    assert_false(ended_add_cutoff(*state, USER, ISSUED, SESSION, EXPIRES, NOW));
}

static void an_entry_ends_with_its_tokens(void **state)
{
    assert_true(ended_add_session(*state, SESSION, EXPIRES, NOW));
    assert_true(ended_add_cutoff(*state, USER, ISSUED, NULL, EXPIRES, NOW));
    assert_true(is_ended_at(*state, OTHER_USER, SESSION, ISSUED - 1, EXPIRES - 1));
    assert_false(is_ended_at(*state, OTHER_USER, SESSION, ISSUED - 1, EXPIRES));
    assert_true(is_ended_at(*state, USER, "", ISSUED - 1, EXPIRES - 1));
    assert_false(is_ended_at(*state, USER, "", ISSUED - 1, EXPIRES));
}

static void what_has_expired_already_is_not_taken(void **state)
{
    assert_false(ended_add_session(*state, SESSION, NOW, NOW));
    assert_false(is_ended_at(*state, USER, SESSION, ISSUED, NOW - 1));
}

static void many_are_all_found_while_others_expire(void **state)
{
    static struct uuid lasting[MANY];
    struct uuid passing;
    for (int i = 0; i < MANY; i++) {
        uuid_make(&lasting[i]);
        uuid_make(&passing);
        assert_true(ended_add_session(*state, lasting[i].text, NOW + 2 * MANY, NOW + i));
        assert_true(ended_add_session(*state, passing.text, NOW + i + 1, NOW + i));
        assert_true(is_ended_at(*state, USER, passing.text, ISSUED, NOW + i));
    }
    for (int i = 0; i < MANY; i++)
        assert_true(is_ended_at(*state, USER, lasting[i].text, ISSUED, NOW + MANY));
    assert_false(is_ended_at(*state, USER, passing.text, ISSUED, NOW + MANY));
}

static void nothing_is_known_before_that_is_said(void **state)
{
    assert_true(ended_add_session(*state, SESSION, EXPIRES, NOW));
    assert_false(ended_is_known(*state));
    ended_set_known(*state);
    assert_true(ended_is_known(*state));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_ended_session_is_refused_and_no_other),
        TEST(a_cutoff_refuses_what_the_user_was_given_before),
        TEST(a_cutoff_refuses_tokens_without_session_or_time),
        TEST(a_cutoff_lets_the_excepted_session_be),
        TEST(an_excepted_session_may_end_by_itself),
        TEST(a_later_cutoff_takes_the_place_of_the_first),
        TEST(what_is_told_again_is_no_news),
        TEST(an_entry_ends_with_its_tokens),
        TEST(what_has_expired_already_is_not_taken),
        TEST(many_are_all_found_while_others_expire),
        TEST(nothing_is_known_before_that_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
