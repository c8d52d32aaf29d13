/* SPDX-License-Identifier: MIT */
#include "services/media/store/sound_uses.h"

#include "tests/unit/services/media/store/fixture.h"

static int64_t count_uses(const char *filename)
{
    char sql[256];
    snprintf(sql, sizeof(sql), "select count(*) from media.sound_uses where filename = '%s'",
             filename);
    return fixture_sql(sql);
}

static void a_trigger_plays_one_sound(void **state)
{
    struct call *call = *state;
    fixture_add(call, ANN, "a.wav");
    fixture_add(call, ANN, "b.wav");
    assert_int_equal(sound_uses_set(call, ANN, TRIGGER, "a.wav"), STATUS_OK);
    assert_int_equal(sound_uses_set(call, ANN, TRIGGER, "a.wav"), STATUS_OK);
    assert_int_equal(count_uses("a.wav"), 1);
    assert_int_equal(sound_uses_set(call, ANN, TRIGGER, "b.wav"), STATUS_OK);
    assert_int_equal(count_uses("a.wav"), 0);
    assert_int_equal(count_uses("b.wav"), 1);
}

static void many_triggers_may_play_a_sound(void **state)
{
    struct call *call = *state;
    fixture_add(call, ANN, "a.wav");
    assert_int_equal(sound_uses_set(call, ANN, TRIGGER, "a.wav"), STATUS_OK);
    assert_int_equal(sound_uses_set(call, ANN, OTHER_TRIGGER, "a.wav"), STATUS_OK);
    assert_int_equal(sound_uses_clear(call, ANN, TRIGGER), STATUS_OK);
    assert_int_equal(sound_uses_clear(call, ANN, TRIGGER), STATUS_OK);
    assert_int_equal(count_uses("a.wav"), 1);
}

static void what_is_not_there_cannot_be_played(void **state)
{
    struct call *call = *state;
    fixture_add(call, ANN, "a.wav");
    fixture_add(call, BOB, "b.wav");
    assert_int_equal(sound_uses_set(call, ANN, TRIGGER, "a.wav"), STATUS_OK);
    assert_int_equal(sound_uses_set(call, ANN, TRIGGER, "b.wav"), STATUS_NOT_FOUND);
    assert_int_equal(count_uses("a.wav"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_trigger_plays_one_sound),
        FIXTURE_TEST(many_triggers_may_play_a_sound),
        FIXTURE_TEST(what_is_not_there_cannot_be_played),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
