/* SPDX-License-Identifier: MIT */
#include "services/events/store/triggers.h"

#include "services/events/store/sound_claims.h"
#include "tests/unit/services/events/store/tables.h"

#define FIRST "aaaaaaaa-2222-4333-8444-555555555555"
#define SECOND "bbbbbbbb-2222-4333-8444-555555555555"
#define THIRD "cccccccc-2222-4333-8444-555555555555"

static const struct set_trigger_request everything = {
    .event_type = "gift",
    .condition_key = "gift_name",
    .condition_value = "Heart ME, {\"x\"}",
    .enabled = true,
    .priority = -7,
    .action = "play_sound",
    .text_template = "Спасибо, {user}",
    .sound_filename = "a b.mp3",
    .trigger_name = "подарок",
    .combo_count = 1000000,
    .cooldown_seconds = 86400,
    .user_cooldown_seconds = 86399,
    .once_per_stream = true,
    .min_diamonds = 10000000,
};
static const struct set_trigger_request little = {.event_type = "chat", .action = "tts"};

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

static void insert(struct tables *tables, const char *user_id, const char *id,
                   const struct set_trigger_request *trigger)
{
    assert_ok(tables, triggers_insert(&tables->call, user_id, id, trigger));
}

static void insert_with_priority(struct tables *tables, const char *id, int64_t priority)
{
    struct set_trigger_request trigger = little;
    trigger.priority = priority;
    insert(tables, ANN, id, &trigger);
}

static const struct trigger_item *list(struct tables *tables, const char *user_id, size_t count)
{
    struct list items = {NULL, 99};
    assert_ok(tables, triggers_list(&tables->call, user_id, &items));
    assert_int_equal(items.count, count);
    return items.items;
}

#define assert_text(got, wanted)                                                                   \
    do {                                                                                           \
        if (wanted)                                                                                \
            assert_string_equal(got, wanted);                                                      \
        else                                                                                       \
            assert_null(got);                                                                      \
    } while (0)

static void check(const struct set_trigger_request *got, const struct set_trigger_request *wanted)
{
    assert_text(got->event_type, wanted->event_type);
    assert_text(got->condition_key, wanted->condition_key);
    assert_text(got->condition_value, wanted->condition_value);
    assert_int_equal(got->enabled, wanted->enabled);
    assert_int_equal(got->priority, wanted->priority);
    assert_text(got->action, wanted->action);
    assert_text(got->text_template, wanted->text_template);
    assert_text(got->sound_filename, wanted->sound_filename);
    assert_text(got->trigger_name, wanted->trigger_name);
    assert_int_equal(got->combo_count, wanted->combo_count);
    assert_int_equal(got->cooldown_seconds, wanted->cooldown_seconds);
    assert_int_equal(got->user_cooldown_seconds, wanted->user_cooldown_seconds);
    assert_int_equal(got->once_per_stream, wanted->once_per_stream);
    assert_int_equal(got->min_diamonds, wanted->min_diamonds);
}

static void check_kept(struct tables *tables, const char *id,
                       const struct set_trigger_request *wanted)
{
    struct set_trigger_request found;
    assert_ok(tables, triggers_find(&tables->call, ANN, id, &found));
    check(&found, wanted);
}

/* ---- for clients ---- */

static void a_trigger_is_found_as_it_was_set(void **state)
{
    struct tables *tables = *state;
    insert(tables, ANN, FIRST, &everything);
    insert(tables, ANN, SECOND, &little);
    check_kept(tables, FIRST, &everything);
    check_kept(tables, SECOND, &little);
}

static void a_trigger_is_changed_as_a_whole(void **state)
{
    struct tables *tables = *state;
    insert(tables, ANN, FIRST, &little);
    insert(tables, ANN, SECOND, &little);
    assert_ok(tables, triggers_update(&tables->call, ANN, FIRST, &everything));
    check_kept(tables, FIRST, &everything);
    check_kept(tables, SECOND, &little);
    assert_ok(tables, triggers_update(&tables->call, ANN, FIRST, &little));
    check_kept(tables, FIRST, &little);
}

static void a_trigger_is_switched_off_and_on_by_itself(void **state)
{
    struct tables *tables = *state;
    insert(tables, ANN, FIRST, &everything);
    insert(tables, ANN, SECOND, &everything);
    struct set_trigger_request off = everything;
    off.enabled = false;
    assert_ok(tables, triggers_enable(&tables->call, ANN, FIRST, false));
    check_kept(tables, FIRST, &off);
    check_kept(tables, SECOND, &everything);
    assert_ok(tables, triggers_enable(&tables->call, ANN, FIRST, true));
    check_kept(tables, FIRST, &everything);
}

static void a_deleted_trigger_is_gone_with_its_firings(void **state)
{
    struct tables *tables = *state;
    insert(tables, ANN, FIRST, &everything);
    insert(tables, ANN, SECOND, &little);
    tables_execute("insert into events.firings values ('" FIRST "', 1, 0, now())");
    assert_ok(tables, triggers_delete(&tables->call, ANN, FIRST));
    assert_int_equal(triggers_delete(&tables->call, ANN, FIRST), STATUS_NOT_FOUND);
    assert_string_equal(list(tables, ANN, 1)->id, SECOND);
    assert_int_equal(tables_execute("select count(*) from events.firings"), 0);
}

static void others_triggers_are_not_found(void **state)
{
    struct tables *tables = *state;
    struct set_trigger_request found;
    insert(tables, ANN, FIRST, &everything);
    struct call *call = &tables->call;
    assert_int_equal(triggers_find(call, BOB, FIRST, &found), STATUS_NOT_FOUND);
    assert_int_equal(triggers_update(call, BOB, FIRST, &little), STATUS_NOT_FOUND);
    assert_int_equal(triggers_enable(call, BOB, FIRST, false), STATUS_NOT_FOUND);
    assert_int_equal(triggers_delete(call, BOB, FIRST), STATUS_NOT_FOUND);
    (void)list(tables, BOB, 0);
    check_kept(tables, FIRST, &everything);
}

static void a_user_has_so_many_triggers_and_no_more(void **state)
{
    struct tables *tables = *state;
    tables_execute(
        "insert into events.triggers (id, user_id, event_type, enabled, priority, action,"
        "  combo_count, cooldown_seconds, user_cooldown_seconds, once_per_stream,"
        "  min_diamonds)"
        " select gen_random_uuid(), '" ANN "', 'chat', true, 0, 'tts', 0, 0, 0, false, 0"
        " from generate_series(1, 199)");
    insert(tables, BOB, THIRD, &little); /* others' do not count */
    insert(tables, ANN, FIRST, &little);
    assert_int_equal(triggers_insert(&tables->call, ANN, SECOND, &little), STATUS_CONFLICT);
    (void)list(tables, ANN, TRIGGERS_PER_USER);
    assert_ok(tables, triggers_delete(&tables->call, ANN, FIRST));
    insert(tables, ANN, SECOND, &little);
}

static void a_list_has_all_that_clients_are_shown(void **state)
{
    struct tables *tables = *state;
    insert(tables, ANN, FIRST, &everything);
    tables_execute("update events.triggers set executed_count = 5000000000");
    const struct trigger_item *item = list(tables, ANN, 1);
    assert_string_equal(item->id, FIRST);
    assert_string_equal(item->event_type, "gift");
    assert_string_equal(item->condition_key, "gift_name");
    assert_string_equal(item->condition_value, everything.condition_value);
    assert_true(item->enabled);
    assert_int_equal(item->priority, -7);
    assert_string_equal(item->action, "play_sound");
    assert_string_equal(item->action_params.text_template, everything.text_template);
    assert_string_equal(item->action_params.sound_filename, "a b.mp3");
    assert_int_equal(item->action_params.cooldown_seconds, 86400);
    assert_int_equal(item->action_params.user_cooldown_seconds, 86399);
    assert_true(item->action_params.once_per_stream);
    assert_int_equal(item->action_params.min_diamonds, 10000000);
    assert_true(item->executed_count == 5000000000);
    assert_string_equal(item->trigger_name, "подарок");
    assert_int_equal(item->combo_count, 1000000);
}

static void the_highest_priority_comes_first_and_of_equal_ones_the_oldest(void **state)
{
    struct tables *tables = *state;
    static const char *const wanted[] = {THIRD, SECOND, FIRST};
    insert_with_priority(tables, SECOND, 5);
    insert_with_priority(tables, FIRST, 5);
    insert_with_priority(tables, THIRD, 6);
    const struct trigger_item *items = list(tables, ANN, 3);
    struct trigger *triggers = NULL;
    size_t count = 0;
    assert_ok(tables, triggers_load(tables->db, ANN, tables->arena, &triggers, &count));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(items[i].id, wanted[i]);
        assert_string_equal(triggers[i].id, wanted[i]);
    }
}

static void what_is_erased_is_all_of_one_user(void **state)
{
    struct tables *tables = *state;
    insert(tables, ANN, FIRST, &everything);
    insert(tables, ANN, SECOND, &little);
    insert(tables, BOB, THIRD, &little);
    assert_ok(tables, sound_claims_insert(&tables->call, ANN, FIRST));
    assert_ok(tables, sound_claims_insert(&tables->call, BOB, THIRD));
    tables_execute("insert into events.firings values ('" FIRST "', 1, 0, now()),"
                   "  ('" THIRD "', 1, 0, now())");
    int64_t count = 0;
    assert_ok(tables, triggers_erase(tables->db, ANN, &count));
    assert_int_equal(count, 2);
    (void)list(tables, ANN, 0);
    (void)list(tables, BOB, 1);
    assert_int_equal(tables_execute("select count(*) from events.firings"), 1);
    assert_int_equal(tables_execute("select count(*) from events.sound_claims"), 1);
    assert_ok(tables, triggers_erase(tables->db, ANN, &count));
    assert_int_equal(count, 0);
}

/* ---- for lives ---- */

static void a_live_is_evaluated_by_what_was_set(void **state)
{
    struct tables *tables = *state;
    insert(tables, ANN, FIRST, &everything);
    struct trigger *triggers = NULL;
    size_t count = 0;
    assert_ok(tables, triggers_load(tables->db, BOB, tables->arena, &triggers, &count));
    assert_int_equal(count, 0);
    assert_ok(tables, triggers_load(tables->db, ANN, tables->arena, &triggers, &count));
    assert_int_equal(count, 1);
    const struct trigger *trigger = &triggers[0];
    assert_string_equal(trigger->id, FIRST);
    assert_int_equal(trigger->event, TRIGGER_GIFT);
    assert_int_equal(trigger->condition, TRIGGER_IF_GIFT_NAME);
    assert_string_equal(trigger->value, "heart me, {\"x\"}");
    assert_true(trigger->enabled && trigger->plays_sound && trigger->once_per_stream);
    assert_string_equal(trigger->text_template, everything.text_template);
    assert_string_equal(trigger->sound_filename, "a b.mp3");
    assert_int_equal(trigger->combo_count, 1000000);
    assert_int_equal(trigger->cooldown_seconds, 86400);
    assert_int_equal(trigger->user_cooldown_seconds, 86399);
    assert_int_equal(trigger->min_diamonds, 10000000);
}

static void a_trigger_of_names_that_are_none_never_fires(void **state)
{
    struct tables *tables = *state;
    struct set_trigger_request trigger = everything;
    trigger.event_type = "battle";
    assert_false(triggers_of_request(tables->arena, FIRST, &trigger).enabled);
    trigger = everything;
    trigger.condition_key = "mood";
    assert_false(triggers_of_request(tables->arena, FIRST, &trigger).enabled);
    trigger.condition_key = " ";
    assert_true(triggers_of_request(tables->arena, FIRST, &trigger).enabled);
    trigger.enabled = false;
    assert_false(triggers_of_request(tables->arena, FIRST, &trigger).enabled);
}

#define TRIGGERS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRIGGERS_TEST(a_trigger_is_found_as_it_was_set),
        TRIGGERS_TEST(a_trigger_is_changed_as_a_whole),
        TRIGGERS_TEST(a_trigger_is_switched_off_and_on_by_itself),
        TRIGGERS_TEST(a_deleted_trigger_is_gone_with_its_firings),
        TRIGGERS_TEST(others_triggers_are_not_found),
        TRIGGERS_TEST(a_user_has_so_many_triggers_and_no_more),
        TRIGGERS_TEST(a_list_has_all_that_clients_are_shown),
        TRIGGERS_TEST(the_highest_priority_comes_first_and_of_equal_ones_the_oldest),
        TRIGGERS_TEST(what_is_erased_is_all_of_one_user),
        TRIGGERS_TEST(a_live_is_evaluated_by_what_was_set),
        TRIGGERS_TEST(a_trigger_of_names_that_are_none_never_fires),
    };
    return cmocka_run_group_tests(tests, tables_make, NULL);
}
