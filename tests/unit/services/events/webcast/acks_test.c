/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/acks.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const int masha, petya; /* stand for connections */

static void add(struct acks *acks, const void *owner, int64_t position, const char *frame)
{
    acks_add(acks, owner, position, (struct slice){frame, strlen(frame)});
}

static void assert_takes(struct acks *acks, int64_t settled, const void *owner, const char *frame)
{
    bool is_early = true;
    AUTO(free) struct ack *ack = acks_take(acks, settled, &is_early);
    assert_non_null(ack);
    assert_false(is_early);
    assert_ptr_equal(ack->owner, owner);
    assert_int_equal(ack->size, strlen(frame));
    assert_memory_equal(ack->frame, frame, ack->size);
}

static void assert_takes_none(struct acks *acks, int64_t settled)
{
    bool is_early;
    assert_null(acks_take(acks, settled, &is_early));
}

static void an_ack_is_due_when_all_before_it_is_settled(void **state)
{
    (void)state;
    struct acks acks;
    acks_init(&acks);
    assert_false(acks_are_waiting(&acks));
    add(&acks, &masha, 3, "one");
    add(&acks, &petya, 5, "two");
    add(&acks, &masha, 5, "three");
    assert_takes_none(&acks, 2);
    assert_takes(&acks, 3, &masha, "one");
    assert_takes_none(&acks, 4);
    assert_takes(&acks, 9, &petya, "two");
    assert_takes(&acks, 9, &masha, "three");
    assert_takes_none(&acks, INT64_MAX);
    add(&acks, &masha, 10, "four");
    assert_takes(&acks, 10, &masha, "four");
    assert_int_equal(acks.bytes, 0);
    acks_done(&acks);
}

static void a_lost_connections_acks_are_passed_over(void **state)
{
    (void)state;
    struct acks acks;
    acks_init(&acks);
    add(&acks, &masha, 1, "lost");
    add(&acks, &petya, 2, "kept");
    add(&acks, &masha, 3, "lost too");
    acks_drop(&acks, &masha);
    assert_takes(&acks, 3, &petya, "kept");
    assert_takes_none(&acks, 3);
    assert_false(acks_are_waiting(&acks));
    acks_done(&acks);
}

static void too_many_are_given_out_before_their_time_the_oldest_first(void **state)
{
    (void)state;
    struct acks acks;
    acks_init(&acks);
    static char large[1024 * 1024];
    memset(large, 'x', sizeof(large) - 1);
    size_t fits = ACKS_MAX_BYTES / sizeof(large) - 1;
    for (size_t i = 0; i < fits + 1; i++)
        add(&acks, &masha, (int64_t)i, large);
    bool is_early = false;
    AUTO(free) struct ack *oldest = acks_take(&acks, -1, &is_early);
    assert_non_null(oldest);
    assert_true(is_early);
    assert_int_equal(oldest->position, 0);
    assert_takes_none(&acks, -1);
    acks_done(&acks);
    assert_int_equal(acks.bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ack_is_due_when_all_before_it_is_settled),
        cmocka_unit_test(a_lost_connections_acks_are_passed_over),
        cmocka_unit_test(too_many_are_given_out_before_their_time_the_oldest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
