/* SPDX-License-Identifier: MIT */
/* Plays every row of reaction_rows.h. */
#include "services/events/domain/reaction.h"

#include "services/events/domain/folded.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "tests/unit/services/events/domain/reaction_rows.h"
#include <cmocka.h>

#define BEGIN_MS INT64_C(1700000000000)
#define SECOND_MS 1000

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static struct occasion complete(struct arena *arena, const struct occasion *does)
{
    struct occasion occasion = *does;
    occasion.message = or_empty(does->message);
    occasion.gift_name = or_empty(does->gift_name);
    occasion_fold(arena, &occasion);
    return occasion;
}

static struct hearing settings_of(struct arena *arena, const struct row *row)
{
    struct hearing hearing = row->settings;
    hearing.tts_enabled = !row->is_silent;
    hearing.gift_sounds_enabled = !row->has_no_gift_sounds;
    hearing.gift_tts_enabled = !row->has_no_gift_speech;
    if (!hearing.voice_id)
        hearing.voice_id = "ru-RU-SvetlanaNeural";
    if (hearing.max_spoken_chars == 0)
        hearing.max_spoken_chars = 200;
    const char **words = ARENA_ARRAY(arena, const char *, LIST_MAX);
    const char **users = ARENA_ARRAY(arena, const char *, LIST_MAX);
    for (size_t i = 0; i < LIST_MAX; i++) {
        if (row->blocked_words[i])
            words[hearing.blocked_word_count++] = folded(arena, row->blocked_words[i]);
        if (row->blocked_users[i])
            users[hearing.blocked_user_count++] = folded_name(arena, row->blocked_users[i]);
    }
    hearing.blocked_words = words;
    hearing.blocked_users = users;
    return hearing;
}

static size_t triggers_of(struct arena *arena, const struct row *row,
                          struct trigger ret_triggers[TRIGGERS_MAX])
{
    size_t count = 0;
    for (; count < TRIGGERS_MAX && row->triggers[count].id; count++) {
        ret_triggers[count] = row->triggers[count];
        ret_triggers[count].value =
            trigger_value(arena, row->triggers[count].condition, row->triggers[count].value);
    }
    return count;
}

static void check(const struct row *row, size_t step, const char *what, const char *wanted,
                  const char *got)
{
    if (strcmp(or_empty(wanted), or_empty(got)) != 0)
        fail_msg("\"%s\", step %zu: %s \"%s\", not \"%s\"", row->sentence, step + 1, what,
                 or_empty(got), or_empty(wanted));
}

static void play(const struct row *row)
{
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    struct trigger triggers[TRIGGERS_MAX];
    const struct hearing hearing = settings_of(arena, row);
    const struct reaction_rules rules = {
        .hearing = &hearing,
        .triggers = triggers,
        .trigger_count = triggers_of(arena, row, triggers),
        .firings = firings_new(),
    };
    for (size_t i = 0; i < STEPS_MAX && row->steps[i].does.username; i++) {
        const struct step *step = &row->steps[i];
        const struct occasion occasion = complete(arena, &step->does);
        struct reaction reaction =
            reaction_decide(&rules, arena, &occasion, BEGIN_MS + step->at_s * SECOND_MS);
        if (reaction.trigger)
            firings_add(rules.firings, reaction.trigger, &occasion,
                        BEGIN_MS + step->at_s * SECOND_MS);
        check(row, i, "plays", step->plays, reaction.sound_filename);
        check(row, i, "says", step->says, reaction.text);
    }
    firings_free(rules.firings);
}

static void every_sentence_of_the_contract_holds(void **state)
{
    (void)state;
    assert_true(ARRAY_LEN(rows) >= 150);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        play(&rows[i]);
}

static struct trigger plain(bool plays_sound)
{
    return (struct trigger){.id = "t",
                            .event = TRIGGER_GIFT,
                            .enabled = true,
                            .plays_sound = plays_sound,
                            .sound_filename = "a.mp3"};
}

static void a_trigger_that_is_tried_out_plays_whatever_its_cooldown_says(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    const struct row defaults = {.sentence = ""};
    const struct hearing hearing = settings_of(arena, &defaults);
    struct occasion does = {MASHA, GIVES("Rose", 1, 1)};
    const struct occasion occasion = complete(arena, &does);
    struct trigger trigger = plain(true);
    trigger.enabled = false;
    trigger.min_diamonds = 1000;
    assert_string_equal(reaction_of_trigger(&hearing, arena, &trigger, &occasion).sound_filename,
                        "a.mp3");
}

static void what_is_spoken_is_worth_what_it_is_for(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    const struct row defaults = {.sentence = ""};
    const struct hearing hearing = settings_of(arena, &defaults);
    const struct reaction_rules rules = {.hearing = &hearing};
    const struct {
        struct occasion does;
        enum playback_worth worth;
    } cases[] = {
        {{MASHA, SAYS("привет")}, PLAYBACK_CHAT},
        {{MASHA, GIVES("Rose", 1, 1)}, PLAYBACK_GIFT},
        {{MASHA, GIVES("Rose", 999, 999)}, PLAYBACK_GIFT},
        {{MASHA, GIVES("Lion", 1, 1000)}, PLAYBACK_TREASURE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct occasion occasion = complete(arena, &cases[i].does);
        assert_int_equal(reaction_decide(&rules, arena, &occasion, BEGIN_MS).worth, cases[i].worth);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sentence_of_the_contract_holds),
        cmocka_unit_test(a_trigger_that_is_tried_out_plays_whatever_its_cooldown_says),
        cmocka_unit_test(what_is_spoken_is_worth_what_it_is_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
