/* SPDX-License-Identifier: MIT */
#include "services/events/live/profile.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

AUTO_DEFINE(struct profile *, profile_free)

#define LIST(...)                                                                                  \
    {                                                                                              \
        (const char *const[]){__VA_ARGS__},                                                        \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)                      \
    }

static void settings_are_taken_as_they_are(void **state)
{
    (void)state;
    static const char *const modes[] = {
        [CHAT_ALL] = "all", [CHAT_PREFIX] = "prefix", [CHAT_DONOR] = "donor"};
    for (unsigned i = 0; i < 16; i++) {
        enum chat_mode mode = (enum chat_mode)(i % ARRAY_LEN(modes));
        const struct live_settings_reply settings = {
            .voice_id = "a voice",
            .tts_enabled = i & 1,
            .gift_sounds_enabled = i & 2,
            .gift_tts_enabled = i & 4,
            .read_links = i & 8,
            .chat_tts_mode = modes[mode],
            .chat_tts_prefixes = ".!",
            .chat_tts_min_diamonds = 100,
            .max_spoken_chars = 500,
        };
        AUTO(profile_free) struct profile *profile = profile_new(&settings);
        const struct hearing *hearing = &profile->hearing;
        assert_string_equal(hearing->voice_id, "a voice");
        assert_int_equal(hearing->tts_enabled, settings.tts_enabled);
        assert_int_equal(hearing->gift_sounds_enabled, settings.gift_sounds_enabled);
        assert_int_equal(hearing->gift_tts_enabled, settings.gift_tts_enabled);
        assert_int_equal(hearing->read_links, settings.read_links);
        assert_int_equal(hearing->chat_mode, mode);
        assert_string_equal(hearing->chat_prefixes, ".!");
        assert_int_equal(hearing->chat_min_diamonds, 100);
        assert_int_equal(hearing->max_spoken_chars, 500);
        assert_int_equal(profile->trigger_count, 0);
        assert_false(profile->wants_first_messages);
    }
}

static void texts_are_the_profiles_own(void **state)
{
    (void)state;
    char voice[] = "a voice";
    char word[] = "Word";
    const char *const words[] = {word};
    const struct live_settings_reply settings = {
        .voice_id = voice, .chat_tts_mode = "all", .blocked_words = {words, 1}};
    AUTO(profile_free) struct profile *profile = profile_new(&settings);
    memset(voice, 'x', sizeof(voice) - 1);
    memset(word, 'x', sizeof(word) - 1);
    assert_string_equal(profile->hearing.voice_id, "a voice");
    assert_string_equal(profile->hearing.blocked_words[0], "word");
}

static void blocked_words_and_users_are_folded(void **state)
{
    (void)state;
    const struct live_settings_reply settings = {
        .chat_tts_mode = "all",
        .blocked_words = LIST("ДУРАК", "ｗｏｒｄ", "\xFF"),
        .blocked_users = LIST("@Masha", "Петя"),
    };
    AUTO(profile_free) struct profile *profile = profile_new(&settings);
    const struct hearing *hearing = &profile->hearing;
    assert_int_equal(hearing->blocked_word_count, 3);
    assert_string_equal(hearing->blocked_words[0], "дурак");
    assert_string_equal(hearing->blocked_words[1], "word");
    assert_string_equal(hearing->blocked_words[2], "\uFFFD");
    assert_int_equal(hearing->blocked_user_count, 2);
    assert_string_equal(hearing->blocked_users[0], "masha");
    assert_string_equal(hearing->blocked_users[1], "петя");
}

/* It would block every text, and whoever has no name. */
static void what_is_nothing_when_folded_blocks_nothing(void **state)
{
    (void)state;
    const struct live_settings_reply settings = {
        .chat_tts_mode = "all",
        .blocked_words = LIST("", " ", "\u3000", "плохо", "\u00A0"),
        .blocked_users = LIST("@", "", "masha"),
    };
    AUTO(profile_free) struct profile *profile = profile_new(&settings);
    const struct hearing *hearing = &profile->hearing;
    assert_int_equal(hearing->blocked_word_count, 1);
    assert_string_equal(hearing->blocked_words[0], "плохо");
    assert_int_equal(hearing->blocked_user_count, 1);
    assert_string_equal(hearing->blocked_users[0], "masha");
    assert_false(hearing_blocks_text(hearing, profile->arena, "hello"));
    assert_true(hearing_blocks_text(hearing, profile->arena, "плохо"));
}

/* As long as auth lets them be, of a letter that becomes 18 when it is folded. */
static void the_worst_settings_and_triggers_fit(void **state)
{
    (void)state;
    enum { WORDS = 200, WORD_CHARS = 64, USERS = 500, USER_CHARS = 128 };
    enum { TRIGGERS = 200, VALUE_CHARS = 200, TEMPLATE_CHARS = 500 };
    AUTO_BUFFER(letters, 10000);
    for (int i = 0; i < TEMPLATE_CHARS; i++)
        buffer_add_text(&letters, "\uFDFA");
    const size_t letter = strlen("\uFDFA");
    AUTO(arena_free) struct arena *arena = arena_new(1 << 24);
    const char **words = ARENA_ARRAY(arena, const char *, WORDS);
    const char **users = ARENA_ARRAY(arena, const char *, USERS);
    for (size_t i = 0; i < WORDS; i++)
        words[i] = arena_text_n(arena, letters.data, WORD_CHARS * letter);
    for (size_t i = 0; i < USERS; i++)
        users[i] = arena_text_n(arena, letters.data, USER_CHARS * letter);
    const struct live_settings_reply settings = {
        .chat_tts_mode = "all", .blocked_words = {words, WORDS}, .blocked_users = {users, USERS}};
    AUTO(profile_free) struct profile *profile = profile_new(&settings);
    assert_int_equal(profile->hearing.blocked_user_count, USERS);

    const char *value = arena_text_n(arena, letters.data, VALUE_CHARS * letter);
    struct trigger *triggers = ARENA_ARRAY(profile->arena, struct trigger, TRIGGERS);
    for (size_t i = 0; i < TRIGGERS; i++) {
        triggers[i].text_template = arena_text(profile->arena, buffer_text(&letters));
        triggers[i].value = trigger_value(profile->arena, TRIGGER_IF_USERNAME, value);
    }
    profile_set_triggers(profile, triggers, TRIGGERS);
    assert_int_equal(profile->trigger_count, TRIGGERS);
}

static void first_messages_are_wanted_when_a_trigger_that_is_on_waits_for_them(void **state)
{
    (void)state;
    static const struct {
        enum trigger_event event;
        bool enabled;
        bool wanted;
    } rows[] = {{TRIGGER_VIEWER_FIRST_MESSAGE, true, true},
                {TRIGGER_VIEWER_FIRST_MESSAGE, false, false},
                {TRIGGER_CHAT, true, false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct live_settings_reply settings = {.chat_tts_mode = "all"};
        AUTO(profile_free) struct profile *profile = profile_new(&settings);
        struct trigger triggers[] = {{.event = rows[i].event, .enabled = rows[i].enabled},
                                     {.event = TRIGGER_LIKE, .enabled = true}};
        profile_set_triggers(profile, triggers, 2);
        assert_int_equal(profile->wants_first_messages, rows[i].wanted);
    }
    profile_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_taken_as_they_are),
        cmocka_unit_test(texts_are_the_profiles_own),
        cmocka_unit_test(blocked_words_and_users_are_folded),
        cmocka_unit_test(what_is_nothing_when_folded_blocks_nothing),
        cmocka_unit_test(the_worst_settings_and_triggers_fit),
        cmocka_unit_test(first_messages_are_wanted_when_a_trigger_that_is_on_waits_for_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
