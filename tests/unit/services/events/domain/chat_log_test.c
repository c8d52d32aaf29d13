/* SPDX-License-Identifier: MIT */
#include "services/events/domain/chat_log.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MASHA 7
#define IVAN 8

static void say(struct chat_log *log, int64_t msg_id, int64_t user_id)
{
    const struct live_event chat = {.type = LIVE_CHAT, .msg_id = msg_id, .user = {.id = user_id}};
    chat_log_add(log, &chat);
}

static size_t find(const struct chat_log *log, struct live_delete deleted, int64_t *ret_ids)
{
    return chat_log_find(log, &deleted, ret_ids, CHAT_LOG_MAX);
}

#define IDS(...)                                                                                   \
    (const int64_t[])                                                                              \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void messages_that_are_named_go_known_or_not(void **state)
{
    (void)state;
    static struct chat_log log;
    int64_t ids[CHAT_LOG_MAX];
    log = (struct chat_log){.next = 0};
    say(&log, 1, MASHA);
    assert_int_equal(
        find(&log, (struct live_delete){.message_ids = IDS(1, 99), .message_count = 2}, ids), 2);
    assert_int_equal(ids[0], 1);
    assert_int_equal(ids[1], 99);
}

static void all_messages_of_users_who_are_named_go(void **state)
{
    (void)state;
    static struct chat_log log;
    int64_t ids[CHAT_LOG_MAX];
    log = (struct chat_log){.next = 0};
    say(&log, 1, MASHA);
    say(&log, 2, IVAN);
    say(&log, 3, MASHA);
    say(&log, 4, 9);
    assert_int_equal(find(&log, (struct live_delete){.user_ids = IDS(MASHA), .user_count = 1}, ids),
                     2);
    assert_int_equal(ids[0], 1);
    assert_int_equal(ids[1], 3);
    assert_int_equal(
        find(&log, (struct live_delete){.user_ids = IDS(IVAN, 9), .user_count = 2}, ids), 2);
    assert_int_equal(find(&log, (struct live_delete){.user_ids = IDS(99), .user_count = 1}, ids),
                     0);
    assert_int_equal(find(&log, (struct live_delete){.user_count = 0}, ids), 0);
}

static void users_and_messages_may_be_named_together(void **state)
{
    (void)state;
    static struct chat_log log;
    int64_t ids[CHAT_LOG_MAX];
    log = (struct chat_log){.next = 0};
    say(&log, 1, MASHA);
    say(&log, 2, IVAN);
    const struct live_delete deleted = {
        .message_ids = IDS(2), .message_count = 1, .user_ids = IDS(MASHA), .user_count = 1};
    assert_int_equal(find(&log, deleted, ids), 2);
    assert_int_equal(ids[0], 2);
    assert_int_equal(ids[1], 1);
}

static void the_latest_messages_are_known(void **state)
{
    (void)state;
    static struct chat_log log;
    int64_t ids[CHAT_LOG_MAX];
    log = (struct chat_log){.next = 0};
    say(&log, 1, MASHA);
    for (int64_t i = 0; i < CHAT_LOG_MAX; i++)
        say(&log, 100 + i, IVAN);
    assert_int_equal(find(&log, (struct live_delete){.user_ids = IDS(MASHA), .user_count = 1}, ids),
                     0);
    assert_int_equal(find(&log, (struct live_delete){.user_ids = IDS(IVAN), .user_count = 1}, ids),
                     CHAT_LOG_MAX);
}

static void no_more_are_told_than_there_is_room_for(void **state)
{
    (void)state;
    static struct chat_log log;
    int64_t ids[4] = {0, 0, 0, -5};
    log = (struct chat_log){.next = 0};
    for (int64_t i = 1; i <= 10; i++)
        say(&log, i, MASHA);
    const struct live_delete both = {
        .message_ids = IDS(50, 51), .message_count = 2, .user_ids = IDS(MASHA), .user_count = 1};
    assert_int_equal(chat_log_find(&log, &both, ids, 3), 3);
    assert_int_equal(chat_log_find(&log, &both, ids, 1), 1);
    assert_int_equal(ids[3], -5);
}

/* Whoever is not known is not one person. */
static void a_user_without_an_id_takes_nobody_along(void **state)
{
    (void)state;
    static struct chat_log log;
    int64_t ids[CHAT_LOG_MAX];
    log = (struct chat_log){.next = 0};
    say(&log, 1, 0);
    say(&log, 0, MASHA);
    assert_int_equal(
        find(&log, (struct live_delete){.user_ids = IDS(0, MASHA), .user_count = 2}, ids), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_that_are_named_go_known_or_not),
        cmocka_unit_test(all_messages_of_users_who_are_named_go),
        cmocka_unit_test(users_and_messages_may_be_named_together),
        cmocka_unit_test(the_latest_messages_are_known),
        cmocka_unit_test(no_more_are_told_than_there_is_room_for),
        cmocka_unit_test(a_user_without_an_id_takes_nobody_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
