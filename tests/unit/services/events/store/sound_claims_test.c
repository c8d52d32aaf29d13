/* SPDX-License-Identifier: MIT */
#include "services/events/store/sound_claims.h"

#include "services/events/store/triggers.h"
#include "tests/unit/services/events/store/tables.h"

#define TRIGGER "aaaaaaaa-2222-4333-8444-555555555555"
#define OTHER "bbbbbbbb-2222-4333-8444-555555555555"

static int set_up(void **state)
{
    static struct tables tables;
    tables_open(&tables);
    *state = &tables;
    return 0;
}

static int tear_down(void **state)
{
    tables_close(*state);
    return 0;
}

static void claim(struct tables *tables, const char *user_id, const char *trigger_id)
{
    assert_ok(tables, sound_claims_insert(&tables->call, user_id, trigger_id));
}

static void make_older(const char *by)
{
    char sql[128];
    (void)snprintf(sql, sizeof(sql),
                   "update events.sound_claims set made_at = made_at - interval '%s'", by);
    tables_execute(sql);
}

static struct list left(struct tables *tables)
{
    struct list claims = {NULL, 0};
    assert_ok(tables, sound_claims_left(&tables->call, &claims));
    return claims;
}

static const char *truth(struct tables *tables, const char *trigger_id)
{
    const char *filename = "untouched";
    assert_ok(tables, sound_claims_truth(&tables->call, trigger_id, &filename));
    return filename;
}

static void a_claim_is_left_when_it_is_a_minute_old(void **state)
{
    struct tables *tables = *state;
    claim(tables, ANN, TRIGGER);
    assert_int_equal(left(tables).count, 0);
    make_older("50 s");
    assert_int_equal(left(tables).count, 0);
    make_older("11 s");
    struct list claims = left(tables);
    assert_int_equal(claims.count, 1);
    const struct sound_claim *first = claims.items;
    assert_string_equal(first->trigger_id, TRIGGER);
    assert_string_equal(first->user_id, ANN);
}

static void a_claim_that_is_made_again_is_new_again(void **state)
{
    struct tables *tables = *state;
    claim(tables, ANN, TRIGGER);
    make_older("61 s");
    claim(tables, ANN, TRIGGER);
    assert_int_equal(left(tables).count, 0);
}

static void a_deleted_claim_leaves_the_others(void **state)
{
    struct tables *tables = *state;
    claim(tables, ANN, TRIGGER);
    claim(tables, BOB, OTHER);
    make_older("61 s");
    assert_ok(tables, sound_claims_delete(&tables->call, TRIGGER));
    assert_ok(tables, sound_claims_delete(&tables->call, TRIGGER));
    struct list claims = left(tables);
    assert_int_equal(claims.count, 1);
    assert_string_equal(((const struct sound_claim *)claims.items)->user_id, BOB);
}

static void of_many_the_oldest_are_left_first(void **state)
{
    struct tables *tables = *state;
    tables_execute("insert into events.sound_claims (trigger_id, user_id, made_at)"
                   " select gen_random_uuid(), '" ANN "', now() - interval '2 minutes'"
                   " from generate_series(1, 200)");
    claim(tables, BOB, TRIGGER);
    tables_execute("update events.sound_claims set made_at = now() - interval '1 hour'"
                   " where user_id = '" BOB "'");
    struct list claims = left(tables);
    assert_int_equal(claims.count, 100);
    assert_string_equal(((const struct sound_claim *)claims.items)->trigger_id, TRIGGER);
}

static void the_truth_is_the_sound_that_the_trigger_plays(void **state)
{
    struct tables *tables = *state;
    assert_null(truth(tables, TRIGGER));
    struct set_trigger_request trigger = {
        .event_type = "chat", .action = "play_sound", .sound_filename = "a.mp3"};
    assert_ok(tables, triggers_insert(&tables->call, ANN, TRIGGER, &trigger));
    assert_string_equal(truth(tables, TRIGGER), "a.mp3");
    assert_null(truth(tables, OTHER));
    trigger.action = "tts"; /* whatever file it still names */
    assert_ok(tables, triggers_update(&tables->call, ANN, TRIGGER, &trigger));
    assert_null(truth(tables, TRIGGER));
}

#define CLAIMS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIMS_TEST(a_claim_is_left_when_it_is_a_minute_old),
        CLAIMS_TEST(a_claim_that_is_made_again_is_new_again),
        CLAIMS_TEST(a_deleted_claim_leaves_the_others),
        CLAIMS_TEST(of_many_the_oldest_are_left_first),
        CLAIMS_TEST(the_truth_is_the_sound_that_the_trigger_plays),
    };
    return cmocka_run_group_tests(tests, tables_make, NULL);
}
