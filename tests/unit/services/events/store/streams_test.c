/* SPDX-License-Identifier: MIT */
#include "services/events/store/streams.h"

#include "lib/base/uuid.h"
#include "tests/unit/services/events/store/tables.h"

struct fixture {
    struct tables tables;
    struct claim claim; /* the last one */
};

static int64_t count_leases(void)
{
    return tables_execute("select count(*) from events.streams");
}

static int set_up(void **state)
{
    static struct fixture fixture;
    tables_execute("truncate events.replicas");
    tables_open(&fixture.tables);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    tables_close(&fixture->tables);
    return 0;
}

static void watch(struct fixture *fixture, const char *user_id, const char *name)
{
    struct tables *tables = &fixture->tables;
    assert_int_equal(watches_upsert(tables->db, user_id, name, WATCH_CHOSEN, tables->arena, &name),
                     STATUS_OK);
}

/* How many rows came back. */
static size_t claim_as(struct fixture *fixture, const char *owner, bool may_take_over)
{
    assert_int_equal(streams_claim(fixture->tables.db, owner, may_take_over, fixture->tables.arena,
                                   &fixture->claim),
                     STATUS_OK);
    return fixture->claim.count;
}

static size_t claim(struct fixture *fixture, const char *owner)
{
    return claim_as(fixture, owner, true);
}

/* Watched by as many users. */
static void watch_many(struct fixture *fixture, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        char user_id[UUID_SIZE + 1], name[24];
        snprintf(user_id, sizeof(user_id), "33333333-2222-4333-8444-%012d", i);
        snprintf(name, sizeof(name), "live_%d", i);
        watch(fixture, user_id, name);
    }
}

static void a_user_watches_one_live(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "old");
    watch(fixture, ANN, "new");
    assert_int_equal(claim(fixture, "a"), 1);
    assert_string_equal(fixture->claim.watches[0].user_id, ANN);
    assert_string_equal(fixture->claim.watches[0].username, "new");
}

static void a_live_is_held_by_one_replica_until_it_gives_it_back(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    watch(fixture, BOB, "one");
    assert_int_equal(claim(fixture, "a"), 2);
    assert_int_equal(claim(fixture, "b"), 0);
    assert_int_equal(claim(fixture, "a"), 2);
    assert_int_equal(streams_release(fixture->tables.db, "a"), STATUS_OK);
    assert_int_equal(claim(fixture, "b"), 2);
}

static void a_lease_that_was_not_renewed_is_taken_over(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    assert_int_equal(claim(fixture, "a"), 1);
    tables_execute("update events.streams set renewed_at = now() - interval '7 s';"
                   "update events.replicas set looked_at = now() - interval '9 s'");
    assert_int_equal(claim(fixture, "b"), 0);
    tables_execute("update events.streams set renewed_at = now() - interval '9 s'");
    assert_int_equal(claim_as(fixture, "b", false), 0);
    assert_int_equal(claim_as(fixture, "b", true), 1);
    assert_string_equal(fixture->claim.watches[0].previous, "a");
    assert_int_equal(claim(fixture, "a"), 0);
    assert_int_equal(claim(fixture, "b"), 1);
    assert_null(fixture->claim.watches[0].previous);
}

static void who_comes_back_late_keeps_what_nobody_took(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    assert_int_equal(claim(fixture, "a"), 1);
    tables_execute("update events.streams set renewed_at = now() - interval '1 hour'");
    assert_int_equal(claim_as(fixture, "a", false), 1);
    assert_null(fixture->claim.watches[0].previous);
    assert_int_equal(claim(fixture, "b"), 0);
}

static void a_live_that_nobody_watches_is_held_for_a_while(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    assert_int_equal(claim(fixture, "a"), 1);
    tables_execute("delete from events.watches");
    assert_int_equal(claim(fixture, "a"), 1);
    assert_string_equal(fixture->claim.watches[0].username, "one");
    assert_null(fixture->claim.watches[0].user_id);
    tables_execute("update events.streams set wanted_at = now() - interval '14 s'");
    assert_int_equal(claim(fixture, "a"), 1);
    tables_execute("update events.streams set wanted_at = now() - interval '15 s'");
    assert_int_equal(claim(fixture, "a"), 0);
    assert_int_equal(count_leases(), 0);
    watch(fixture, ANN, "one");
    assert_int_equal(claim(fixture, "b"), 1);
}

static void who_watches_again_in_time_finds_the_live_still_held(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    assert_int_equal(claim(fixture, "a"), 1);
    tables_execute("delete from events.watches;"
                   "update events.streams set wanted_at = now() - interval '14 s'");
    watch(fixture, BOB, "one");
    assert_int_equal(claim(fixture, "b"), 0);
    assert_int_equal(claim(fixture, "a"), 1);
    assert_string_equal(fixture->claim.watches[0].user_id, BOB);
    tables_execute("delete from events.watches");
    assert_int_equal(claim(fixture, "a"), 1); /* held from the last watch on, not from the first */
}

static void replicas_share_what_is_free(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(claim(fixture, "a"), 0);
    assert_int_equal(claim(fixture, "b"), 0);
    watch_many(fixture, 0, 9);
    assert_int_equal(claim(fixture, "a"), 5);
    assert_int_equal(claim(fixture, "a"), 5);
    assert_int_equal(claim(fixture, "b"), 4);
    watch_many(fixture, 9, 1);
    assert_int_equal(claim(fixture, "a"), 5);
    assert_int_equal(claim(fixture, "b"), 5);
    assert_int_equal(fixture->claim.replicas, 2);
}

static void what_one_replica_gives_back_the_others_take_in_full(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(claim(fixture, "a"), 0);
    assert_int_equal(claim(fixture, "b"), 0);
    assert_int_equal(claim(fixture, "c"), 0);
    watch_many(fixture, 0, 9);
    assert_int_equal(claim(fixture, "a") + claim(fixture, "b") + claim(fixture, "c"), 9);
    assert_int_equal(streams_release(fixture->tables.db, "a"), STATUS_OK);
    assert_int_equal(fixture->claim.replicas, 3);
    assert_int_equal(claim(fixture, "b"), 5);
    assert_int_equal(fixture->claim.replicas, 2);
    assert_int_equal(claim(fixture, "c"), 4);
}

static void who_comes_later_gets_what_is_new_until_all_have_alike(void **state)
{
    struct fixture *fixture = *state;
    watch_many(fixture, 0, 4);
    assert_int_equal(claim(fixture, "a"), 4);
    assert_int_equal(claim(fixture, "b"), 0);
    watch_many(fixture, 4, 2);
    assert_int_equal(claim(fixture, "a"), 4);
    assert_int_equal(claim(fixture, "b"), 2);
}

static void a_watch_that_ran_out_is_gone(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    tables_execute("update events.watches set wanted_until = now()");
    assert_int_equal(claim(fixture, "a"), 0);
    int64_t deleted = 1;
    assert_int_equal(watches_delete(fixture->tables.db, ANN, &deleted), STATUS_OK);
    assert_int_equal(deleted, 0);
}

static void a_deleted_watch_leaves_the_others(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    watch(fixture, BOB, "one");
    int64_t deleted = 0;
    assert_int_equal(watches_delete(fixture->tables.db, ANN, &deleted), STATUS_OK);
    assert_int_equal(deleted, 1);
    assert_int_equal(claim(fixture, "a"), 1);
    assert_string_equal(fixture->claim.watches[0].user_id, BOB);
}

static void leases_that_are_long_over_are_forgotten(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    watch(fixture, BOB, "two");
    assert_int_equal(claim(fixture, "a"), 2);
    tables_execute("update events.streams set renewed_at = now() - interval '61 s' "
                   "where username = 'one'");
    assert_int_equal(streams_forget_old(fixture->tables.db), STATUS_OK);
    assert_int_equal(count_leases(), 1);
    assert_int_equal(claim(fixture, "b"), 1);
    assert_string_equal(fixture->claim.watches[0].username, "one");
}

#define STREAMS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STREAMS_TEST(a_user_watches_one_live),
        STREAMS_TEST(a_live_is_held_by_one_replica_until_it_gives_it_back),
        STREAMS_TEST(a_lease_that_was_not_renewed_is_taken_over),
        STREAMS_TEST(who_comes_back_late_keeps_what_nobody_took),
        STREAMS_TEST(a_live_that_nobody_watches_is_held_for_a_while),
        STREAMS_TEST(who_watches_again_in_time_finds_the_live_still_held),
        STREAMS_TEST(replicas_share_what_is_free),
        STREAMS_TEST(what_one_replica_gives_back_the_others_take_in_full),
        STREAMS_TEST(who_comes_later_gets_what_is_new_until_all_have_alike),
        STREAMS_TEST(a_watch_that_ran_out_is_gone),
        STREAMS_TEST(a_deleted_watch_leaves_the_others),
        STREAMS_TEST(leases_that_are_long_over_are_forgotten),
    };
    return cmocka_run_group_tests(tests, tables_make, NULL);
}
