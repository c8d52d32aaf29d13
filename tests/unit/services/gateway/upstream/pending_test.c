/* SPDX-License-Identifier: MIT */
#include "services/gateway/upstream/pending.h"

#include <pthread.h>
#include <stdatomic.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MAX 4

static int set_up(void **state)
{
    *state = pending_new(MAX);
    return 0;
}

static int tear_down(void **state)
{
    struct pending_entry entry;
    while (pending_take_expired(*state, INT64_MAX, &entry))
        continue;
    pending_free(*state);
    return 0;
}

static void done(void *closure, int http_status, natsMsg *reply, struct body *joined)
{
    (void)closure;
    (void)http_status;
    (void)reply;
    (void)joined;
}

static uint64_t add(struct pending *pending, void *closure, int64_t deadline_ms)
{
    const struct pending_entry entry = {
        .done = done, .closure = closure, .deadline_ms = deadline_ms};
    uint64_t ticket = 0;
    assert_true(pending_add(pending, &entry, &ticket));
    return ticket;
}

static void an_entry_is_taken_once(void **state)
{
    int mine;
    struct pending_entry entry;
    uint64_t ticket = add(*state, &mine, 100);
    assert_int_equal(pending_count(*state), 1);
    assert_true(pending_take(*state, ticket, &entry));
    assert_ptr_equal(entry.closure, &mine);
    assert_ptr_equal(entry.done, done);
    assert_false(pending_take(*state, ticket, &entry));
    assert_int_equal(pending_count(*state), 0);
}

static void a_late_answer_does_not_meet_the_next_entry_in_its_place(void **state)
{
    int first, second;
    struct pending_entry entry;
    uint64_t late = add(*state, &first, 1);
    assert_true(pending_take_expired(*state, 1, &entry));
    uint64_t ticket = add(*state, &second, 1);
    assert_int_not_equal(late, ticket);
    assert_false(pending_take(*state, late, &entry));
    assert_true(pending_take(*state, ticket, &entry));
    assert_ptr_equal(entry.closure, &second);
}

static void made_up_tickets_find_nothing(void **state)
{
    struct pending_entry entry;
    uint64_t ticket = add(*state, NULL, 1);
    assert_false(pending_take(*state, 0, &entry));
    assert_false(pending_take(*state, 1, &entry));
    assert_false(pending_take(*state, UINT64_MAX, &entry));
    assert_false(pending_take(*state, ticket + MAX, &entry));
    assert_false(pending_take(*state, ticket + (2ULL << 32), &entry));
    assert_int_equal(pending_count(*state), 1);
}

static void a_full_table_takes_no_more_until_one_is_taken(void **state)
{
    uint64_t tickets[MAX];
    uint64_t ticket;
    struct pending_entry entry = {.done = done, .deadline_ms = 1};
    for (size_t i = 0; i < MAX; i++)
        tickets[i] = add(*state, NULL, 1);
    assert_false(pending_add(*state, &entry, &ticket));
    assert_true(pending_take(*state, tickets[2], &entry));
    assert_true(pending_add(*state, &entry, &ticket));
    assert_false(pending_add(*state, &entry, &ticket));
}

static void those_past_their_deadline_are_taken_wherever_they_stand(void **state)
{
    int early, late, middle;
    struct pending_entry entry;
    add(*state, &late, 300);
    add(*state, &early, 100);
    add(*state, &middle, 200);
    assert_false(pending_take_expired(*state, 99, &entry));
    assert_true(pending_take_expired(*state, 100, &entry));
    assert_ptr_equal(entry.closure, &early);
    assert_false(pending_take_expired(*state, 199, &entry));
    assert_true(pending_take_expired(*state, 250, &entry));
    assert_ptr_equal(entry.closure, &middle);
    assert_true(pending_take_expired(*state, INT64_MAX, &entry));
    assert_ptr_equal(entry.closure, &late);
    assert_int_equal(pending_count(*state), 0);
}

static void what_is_borrowed_is_nobody_elses(void **state)
{
    int mine;
    struct body joined;
    struct pending_entry entry;
    struct pending_entry other;
    uint64_t ticket = add(*state, &mine, 100);
    assert_true(pending_borrow(*state, ticket, &entry));
    assert_ptr_equal(entry.closure, &mine);
    assert_false(pending_borrow(*state, ticket, &other));
    assert_false(pending_take(*state, ticket, &other));
    assert_false(pending_take_expired(*state, INT64_MAX, &other));
    assert_int_equal(pending_count(*state), 1);
    entry.joined = &joined;
    pending_give_back(*state, ticket, &entry);
    assert_true(pending_take_expired(*state, 100, &other));
    assert_ptr_equal(other.joined, &joined);
    assert_false(pending_borrow(*state, ticket, &other));
}

struct race {
    struct pending *pending;
    atomic_int taken;
};

static void *expire(void *closure)
{
    struct race *race = closure;
    struct pending_entry entry;
    for (int i = 0; i < 20000; i++) {
        if (pending_take_expired(race->pending, INT64_MAX, &entry))
            atomic_fetch_add(&race->taken, 1);
    }
    return NULL;
}

static void of_two_threads_one_gets_an_entry(void **state)
{
    struct race race = {.pending = *state};
    pthread_t thread;
    int added = 0;
    assert_int_equal(pthread_create(&thread, NULL, expire, &race), 0);
    for (int i = 0; i < 20000; i++) {
        struct pending_entry entry = {.done = done};
        uint64_t ticket;
        if (!pending_add(*state, &entry, &ticket))
            continue;
        added++;
        if (pending_take(*state, ticket, &entry))
            atomic_fetch_add(&race.taken, 1);
    }
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&race.taken) + (int)pending_count(*state), added);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_entry_is_taken_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_late_answer_does_not_meet_the_next_entry_in_its_place,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(made_up_tickets_find_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_table_takes_no_more_until_one_is_taken, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(those_past_their_deadline_are_taken_wherever_they_stand,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_borrowed_is_nobody_elses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_two_threads_one_gets_an_entry, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
