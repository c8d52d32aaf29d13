/* SPDX-License-Identifier: MIT */
#include "services/events/domain/subscriptions.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { BANNER = 4, CANCELLED = 3, REFUNDED = 4 };

static struct live_event notification(int64_t user_id)
{
    return (struct live_event){
        .type = LIVE_SUBSCRIBE,
        .display_key = "",
        .user = {.id = user_id, .nickname = "Masha", .display_id = "masha"},
        .subscribe = {.months = 3},
    };
}

static struct live_event banner(const struct live_user *users, size_t count)
{
    return (struct live_event){
        .type = LIVE_BARRAGE,
        .msg_id = 77,
        .display_key = "",
        .barrage = {.kind = BANNER, .users = users, .user_count = count, .subscribe = true},
    };
}

static const struct live_event *filter(struct subscriptions *subscriptions,
                                       const struct live_event *event, int64_t now_ms)
{
    static struct live_event told;
    return subscriptions_filter(subscriptions, event, now_ms, &told);
}

static void a_notification_is_told_with_all_that_it_says(void **state)
{
    (void)state;
    struct subscriptions subscriptions = {0};
    const struct live_event event = notification(1);
    const struct live_event *told = filter(&subscriptions, &event, 0);
    assert_int_equal(told->type, LIVE_SUBSCRIBE);
    assert_int_equal(told->subscribe.months, 3);
    assert_string_equal(told->user.nickname, "Masha");
}

static void a_banner_becomes_a_subscription_of_whom_it_names(void **state)
{
    (void)state;
    struct subscriptions subscriptions = {0};
    const struct live_user users[] = {{.id = 5, .nickname = "Petya"}, {.id = 6}};
    struct live_event event = banner(users, 2);
    const struct live_event *told = filter(&subscriptions, &event, 0);
    assert_int_equal(told->type, LIVE_SUBSCRIBE);
    assert_int_equal(told->msg_id, 77);
    assert_int_equal(told->user.id, 5);
    assert_int_equal(told->subscribe.months, 0);

    event.user.id = 9; /* where the banner itself has a user, that one counts */
    assert_int_equal(filter(&subscriptions, &event, 0)->user.id, 9);
}

static void the_first_of_several_sources_counts(void **state)
{
    (void)state;
    struct subscriptions subscriptions = {0};
    const struct live_user user = {.id = 1, .nickname = "Masha"};
    const struct live_event first = banner(&user, 1), second = notification(1);
    assert_non_null(filter(&subscriptions, &first, 1000));
    assert_null(filter(&subscriptions, &second, 3100));
    assert_null(filter(&subscriptions, &first, 1000 + SUBSCRIPTIONS_SAME_MS - 1));
    assert_non_null(filter(&subscriptions, &second, 1000 + SUBSCRIPTIONS_SAME_MS));
}

static void users_do_not_get_in_each_others_way(void **state)
{
    (void)state;
    struct subscriptions subscriptions = {0};
    for (int64_t id = 1; id <= SUBSCRIPTIONS_KEPT; id++) {
        const struct live_event event = notification(id);
        assert_non_null(filter(&subscriptions, &event, 0));
        assert_null(filter(&subscriptions, &event, 1));
    }
    const struct live_event one_more = notification(1000), oldest = notification(1);
    assert_non_null(filter(&subscriptions, &one_more, 2));
    assert_non_null(filter(&subscriptions, &oldest, 2)); /* forgotten: memory is bounded */
}

static void a_subscription_that_ends_is_none(void **state)
{
    (void)state;
    struct subscriptions subscriptions = {0};
    struct live_event event = notification(1);
    event.subscribe.status = CANCELLED;
    assert_null(filter(&subscriptions, &event, 0));
    event.subscribe.status = REFUNDED;
    assert_null(filter(&subscriptions, &event, 0));
    event.subscribe.status = 0;
    assert_non_null(filter(&subscriptions, &event, 0)); /* nothing was told before */
}

static void nobodys_subscription_is_not_told(void **state)
{
    (void)state;
    struct subscriptions subscriptions = {0};
    const struct live_event event = banner(NULL, 0);
    assert_null(filter(&subscriptions, &event, 0));
}

static void other_events_pass(void **state)
{
    (void)state;
    struct subscriptions subscriptions = {0};
    const struct live_event chat = {.type = LIVE_CHAT}, level_up = {.type = LIVE_BARRAGE};
    assert_ptr_equal(filter(&subscriptions, &chat, 0), &chat);
    assert_ptr_equal(filter(&subscriptions, &chat, 0), &chat);
    assert_ptr_equal(filter(&subscriptions, &level_up, 0), &level_up);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notification_is_told_with_all_that_it_says),
        cmocka_unit_test(a_banner_becomes_a_subscription_of_whom_it_names),
        cmocka_unit_test(the_first_of_several_sources_counts),
        cmocka_unit_test(users_do_not_get_in_each_others_way),
        cmocka_unit_test(a_subscription_that_ends_is_none),
        cmocka_unit_test(nobodys_subscription_is_not_told),
        cmocka_unit_test(other_events_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
