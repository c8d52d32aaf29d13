/* SPDX-License-Identifier: MIT */
#include "services/media/store/owners.h"

#include "services/media/store/sound_uses.h"
#include "tests/unit/services/media/store/fixture.h"

static void a_user_is_made_by_the_first_lock(void **state)
{
    bool is_erased = true;
    assert_int_equal(owners_lock(*state, ANN, &is_erased), STATUS_OK);
    assert_false(is_erased);
    assert_int_equal(owners_lock(*state, ANN, &is_erased), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from media.owners"), 1);
}

static enum status lock_and_look(struct pg *pg, void *closure)
{
    (void)pg;
    enum status status = owners_lock(closure, ANN, NULL);
    if (status == STATUS_OK)
        assert_int_equal(fixture_sql("select count(*) from (select from media.owners"
                                     "  where user_id = '" ANN "' for update skip locked) as free"),
                         0);
    return status;
}

static void a_lock_holds_until_the_end_of_the_transaction(void **state)
{
    struct call *call = *state;
    assert_int_equal(owners_lock(call, ANN, NULL), STATUS_OK);
    assert_int_equal(pg_transaction(call->db, lock_and_look, call), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from (select from media.owners"
                                 "  where user_id = '" ANN "' for update skip locked) as free"),
                     1);
}

static void an_erased_user_loses_all_and_stays_erased(void **state)
{
    struct call *call = *state;
    fixture_add(call, ANN, "a.wav");
    fixture_add(call, ANN, "b.wav");
    fixture_add(call, BOB, "a.wav");
    assert_int_equal(sound_uses_set(call, ANN, TRIGGER, "a.wav"), STATUS_OK);
    int64_t sounds = 0;
    bool is_erased = false;
    assert_int_equal(owners_erase(call, ANN, &sounds), STATUS_OK);
    assert_int_equal(sounds, 2);
    assert_int_equal(owners_lock(call, ANN, &is_erased), STATUS_OK);
    assert_true(is_erased);
    assert_int_equal(owners_lock(call, BOB, &is_erased), STATUS_OK);
    assert_false(is_erased);
    assert_int_equal(fixture_sql("select count(*) from media.sounds"), 1);
    assert_int_equal(fixture_sql("select count(*) from media.sound_uses"), 0);
}

static void the_erased_of_the_last_hour_are_listed(void **state)
{
    struct call *call = *state;
    struct list ids;
    int64_t sounds;
    fixture_add(call, BOB, "a.wav");
    assert_int_equal(owners_erased_lately(call, &ids), STATUS_OK);
    assert_int_equal(ids.count, 0);
    assert_int_equal(owners_erase(call, ANN, &sounds), STATUS_OK);
    assert_int_equal(owners_erased_lately(call, &ids), STATUS_OK);
    assert_int_equal(ids.count, 1);
    assert_string_equal(((const char *const *)ids.items)[0], ANN);
    fixture_sql("update media.owners set erased_at = now() - interval '61 minutes'"
                "  where erased_at is not null");
    assert_int_equal(owners_erased_lately(call, &ids), STATUS_OK);
    assert_int_equal(ids.count, 0);
}

static void a_user_who_had_nothing_is_erased_too_and_again(void **state)
{
    int64_t sounds = 1;
    bool is_erased = false;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(owners_erase(*state, ANN, &sounds), STATUS_OK);
        assert_int_equal(sounds, 0);
    }
    assert_int_equal(owners_lock(*state, ANN, &is_erased), STATUS_OK);
    assert_true(is_erased);
}

static void tidying_forgets_users_without_sounds(void **state)
{
    struct call *call = *state;
    fixture_add(call, ANN, "a.wav");
    fixture_sql("insert into media.owners (user_id)"
                "  select gen_random_uuid() from generate_series(1, 1200)");
    assert_int_equal(owners_tidy(call), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from media.owners"), 1);
    assert_int_equal(fixture_sql("select count(*) from media.sounds"), 1);
}

static void tidying_remembers_the_erased_for_30_days(void **state)
{
    struct call *call = *state;
    int64_t sounds = 0;
    assert_int_equal(owners_erase(call, ANN, &sounds), STATUS_OK);
    assert_int_equal(owners_erase(call, BOB, &sounds), STATUS_OK);
    fixture_sql("update media.owners set erased_at = now() - interval '29 days 23 hours'");
    assert_int_equal(owners_tidy(call), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from media.owners"), 2);
    fixture_sql("update media.owners set erased_at = now() - interval '30 days 1 hour'"
                "  where user_id = '" ANN "'");
    assert_int_equal(owners_tidy(call), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from media.owners"), 1);
}

static enum status tidy_meanwhile(struct pg *pg, void *closure)
{
    (void)pg;
    struct call *other = fixture_call();
    enum status status = owners_lock(closure, ANN, NULL);
    if (status == STATUS_OK)
        status = owners_tidy(other);
    fixture_free(other);
    return status;
}

static void tidying_passes_over_a_user_who_is_in_hand(void **state)
{
    struct call *call = *state;
    assert_int_equal(owners_lock(call, ANN, NULL), STATUS_OK);
    assert_int_equal(pg_transaction(call->db, tidy_meanwhile, call), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from media.owners"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_user_is_made_by_the_first_lock),
        FIXTURE_TEST(a_lock_holds_until_the_end_of_the_transaction),
        FIXTURE_TEST(an_erased_user_loses_all_and_stays_erased),
        FIXTURE_TEST(the_erased_of_the_last_hour_are_listed),
        FIXTURE_TEST(a_user_who_had_nothing_is_erased_too_and_again),
        FIXTURE_TEST(tidying_forgets_users_without_sounds),
        FIXTURE_TEST(tidying_remembers_the_erased_for_30_days),
        FIXTURE_TEST(tidying_passes_over_a_user_who_is_in_hand),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
