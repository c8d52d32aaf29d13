/* SPDX-License-Identifier: MIT */
/* The watches of streams.h; streams_test.c has the leases. */
#include "services/events/store/streams.h"

#include "lib/base/text.h"
#include "tests/unit/services/events/store/tables.h"

struct fixture {
    struct tables tables;
    struct claim claim; /* the last one */
};

static int set_up(void **state)
{
    static struct fixture fixture;
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

/* What is watched then. */
static const char *wish(struct fixture *fixture, const char *user_id, const char *name,
                        enum watch_wish kind)
{
    struct tables *tables = &fixture->tables;
    const char *watched = NULL;
    assert_ok(tables, watches_upsert(tables->db, user_id, name, kind, tables->arena, &watched));
    return watched;
}

static void watch(struct fixture *fixture, const char *user_id, const char *name)
{
    wish(fixture, user_id, name, WATCH_CHOSEN);
}

static size_t claim(struct fixture *fixture, const char *owner)
{
    struct tables *tables = &fixture->tables;
    assert_ok(tables, streams_claim(tables->db, owner, true, tables->arena, &fixture->claim));
    return fixture->claim.count;
}

/* How what the user watches stands; NULL when it is nothing. */
static const struct watched *find(struct fixture *fixture, const char *user_id)
{
    static struct watched watched;
    struct tables *tables = &fixture->tables;
    enum status status = watches_find(tables->db, user_id, tables->arena, &watched);
    if (status == STATUS_NOT_FOUND)
        return NULL;
    assert_ok(tables, status);
    return &watched;
}

static void expect_watched(struct fixture *fixture, const char *user_id, const char *name)
{
    const struct watched *watched = find(fixture, user_id);
    assert_non_null(watched);
    assert_string_equal(watched->username, name);
}

static void a_renewed_watch_keeps_what_was_chosen_and_tells_it(void **state)
{
    struct fixture *fixture = *state;
    assert_string_equal(wish(fixture, ANN, "own", WATCH_RENEWED), "own");
    expect_watched(fixture, ANN, "own");
    assert_string_equal(wish(fixture, ANN, "chosen", WATCH_CHOSEN), "chosen");
    assert_string_equal(wish(fixture, ANN, "own", WATCH_RENEWED), "chosen");
    expect_watched(fixture, ANN, "chosen");
    assert_string_equal(wish(fixture, ANN, "own", WATCH_OPENED), "chosen");
    expect_watched(fixture, ANN, "chosen");
    assert_string_equal(wish(fixture, ANN, "other", WATCH_CHOSEN), "other");
    expect_watched(fixture, ANN, "other");
}

static void a_renewed_watch_lasts_as_long_again(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    tables_execute("update events.watches set wanted_until = now() + interval '1 s'");
    wish(fixture, ANN, "one", WATCH_RENEWED);
    assert_int_equal(tables_execute("select count(*) from events.watches where wanted_until"
                                    " between now() + interval '20 s' and now() + interval '30 s'"),
                     1);
}

static void a_paused_watch_stays_so_while_it_is_renewed(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    watch(fixture, BOB, "two");
    assert_ok(&fixture->tables, watches_pause(fixture->tables.db, ANN));
    wish(fixture, ANN, "one", WATCH_RENEWED);
    assert_null(find(fixture, ANN));
    expect_watched(fixture, BOB, "two");
    assert_int_equal(claim(fixture, "a"), 1);
    assert_string_equal(fixture->claim.watches[0].user_id, BOB);
}

static void a_pause_ends_when_a_socket_opens_with_the_live_that_it_wants(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "chosen");
    assert_ok(&fixture->tables, watches_pause(fixture->tables.db, ANN));
    wish(fixture, ANN, "own", WATCH_OPENED);
    expect_watched(fixture, ANN, "own");
    wish(fixture, ANN, "other", WATCH_RENEWED);
    expect_watched(fixture, ANN, "own");
}

static void a_pause_ends_with_a_choice(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "one");
    assert_ok(&fixture->tables, watches_pause(fixture->tables.db, ANN));
    watch(fixture, ANN, "two");
    expect_watched(fixture, ANN, "two");
    assert_int_equal(claim(fixture, "a"), 1);
}

static void a_pause_of_nothing_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, BOB, "one");
    assert_ok(&fixture->tables, watches_pause(fixture->tables.db, ANN));
    assert_null(find(fixture, ANN));
    expect_watched(fixture, BOB, "one");
}

static void a_watch_that_ran_out_begins_anew(void **state)
{
    struct fixture *fixture = *state;
    watch(fixture, ANN, "chosen");
    assert_ok(&fixture->tables, watches_pause(fixture->tables.db, ANN));
    tables_execute("update events.watches set wanted_until = now()");
    assert_null(find(fixture, ANN));
    wish(fixture, ANN, "own", WATCH_RENEWED); /* neither the choice nor the pause is left */
    expect_watched(fixture, ANN, "own");
    tables_execute("update events.watches set wanted_until = now()");
    wish(fixture, ANN, "opened", WATCH_OPENED);
    expect_watched(fixture, ANN, "opened");
}

static void the_state_is_wanted_when_a_socket_opens_and_when_a_live_is_chosen(void **state)
{
    struct fixture *fixture = *state;
    wish(fixture, ANN, "one", WATCH_RENEWED);
    assert_int_equal(claim(fixture, "a"), 1);
    assert_int_equal(fixture->claim.watches[0].state_wanted_us, 0);
    wish(fixture, ANN, "one", WATCH_OPENED);
    assert_int_equal(claim(fixture, "a"), 1);
    int64_t opened_us = fixture->claim.watches[0].state_wanted_us;
    assert_true(opened_us > 0);
    wish(fixture, ANN, "one", WATCH_RENEWED);
    assert_int_equal(claim(fixture, "a"), 1);
    assert_true(fixture->claim.watches[0].state_wanted_us == opened_us);
    wish(fixture, ANN, "one", WATCH_CHOSEN);
    assert_int_equal(claim(fixture, "a"), 1);
    assert_true(fixture->claim.watches[0].state_wanted_us > opened_us);
}

/* ---- the connection's state ---- */

static void the_state_is_the_live_s_as_its_owner_last_said(void **state)
{
    struct fixture *fixture = *state;
    struct pg *db = fixture->tables.db;
    watch(fixture, ANN, "one");
    watch(fixture, BOB, "two");
    const struct stream_state connected = {"one", "connected", "the \"live\" {is} on, пауза"};
    assert_ok(&fixture->tables, streams_set_state(db, &connected)); /* no lease yet */
    assert_string_equal(find(fixture, ANN)->state, "");
    assert_string_equal(find(fixture, ANN)->message, "");
    assert_int_equal(claim(fixture, "a"), 2);
    assert_ok(&fixture->tables, streams_set_state(db, &connected));
    assert_string_equal(find(fixture, ANN)->state, "connected");
    assert_string_equal(find(fixture, ANN)->message, "the \"live\" {is} on, пауза");
    assert_string_equal(find(fixture, BOB)->state, "");
    assert_int_equal(claim(fixture, "a"), 2); /* a renewed lease keeps it */
    assert_string_equal(find(fixture, ANN)->state, "connected");
    assert_ok(&fixture->tables, streams_release(db, "a"));
    assert_string_equal(find(fixture, ANN)->state, "");
}

#define WATCHES_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WATCHES_TEST(a_renewed_watch_keeps_what_was_chosen_and_tells_it),
        WATCHES_TEST(a_renewed_watch_lasts_as_long_again),
        WATCHES_TEST(a_paused_watch_stays_so_while_it_is_renewed),
        WATCHES_TEST(a_pause_ends_when_a_socket_opens_with_the_live_that_it_wants),
        WATCHES_TEST(a_pause_ends_with_a_choice),
        WATCHES_TEST(a_pause_of_nothing_changes_nothing),
        WATCHES_TEST(a_watch_that_ran_out_begins_anew),
        WATCHES_TEST(the_state_is_wanted_when_a_socket_opens_and_when_a_live_is_chosen),
        WATCHES_TEST(the_state_is_the_live_s_as_its_owner_last_said),
    };
    return cmocka_run_group_tests(tests, tables_make, NULL);
}
