/* SPDX-License-Identifier: MIT */
/* What reaction_rows.h does not reach. */
#include "services/events/domain/phrases.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LONG_BYTES ((size_t)15000)
#define RESULT_MAX_BYTES ((size_t)16 * 1024)

static const struct occasion masha = {.event = TRIGGER_GIFT,
                                      .username = "masha",
                                      .nickname = "Маша",
                                      .message = "hi",
                                      .gift_name = "Rose",
                                      .count = 3,
                                      .diamonds = 15};

struct row {
    const char *text_template;
    const char *rendered;
};

static void only_the_seven_words_in_braces_are_replaced(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    static const struct row rows[] = {
        {"{user} {username} {nickname}", "Маша masha Маша"},
        {"{message}/{gift}/{count}/{diamonds}", "hi/Rose/3/15"},
        {"{gift}{gift}", "RoseRose"},
        {"", ""},
        {"{}", "{}"},
        {"{", "{"},
        {"}", "}"},
        {"a{b", "a{b"},
        {"{gift", "{gift"},
        {"{{gift}}", "{Rose}"},
        {"{ gift }", "{ gift }"},
        {"{Gift}", "{Gift}"},
        {"{gif}{gifts}", "{gif}{gifts}"},
        {"{coun}{counts}{count}", "{coun}{counts}3"},
        {"{user{gift}}", "{userRose}"},
        {"%s %n {count}", "%s %n 3"},
        {"\xFF{gift}\xC3", "\xFFRose\xC3"}, /* mended where it is spoken */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(phrases_render(arena, rows[i].text_template, &masha), rows[i].rendered);
}

static void what_stands_in_a_replacement_is_not_replaced(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    struct occasion occasion = masha;
    occasion.message = "{gift} {message";
    occasion.gift_name = "{message}";
    assert_string_equal(phrases_render(arena, "{message}: {gift}", &occasion),
                        "{gift} {message: {message}");
}

static void a_nickname_without_a_sound_is_replaced_by_the_username(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    static const char *const silent[] = {"🌹🌹", "", "...", "\u200D"};
    for (size_t i = 0; i < ARRAY_LEN(silent); i++) {
        struct occasion occasion = masha;
        occasion.nickname = silent[i];
        assert_string_equal(phrases_render(arena, "{user}, {nickname}", &occasion), "masha, masha");
    }
}

static void empty_texts_leave_nothing(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    const struct occasion nobody = {
        .username = "", .nickname = "", .message = "", .gift_name = "", .count = 0};
    assert_string_equal(
        phrases_render(arena, "{user}{username}{nickname}{message}{gift}:{count}", &nobody), ":0");
}

static void numbers_of_any_size_are_written_out(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    struct occasion occasion = masha;
    occasion.count = INT64_MIN;
    occasion.diamonds = INT64_MAX;
    assert_string_equal(phrases_render(arena, "{count} {diamonds}", &occasion),
                        "-9223372036854775808 9223372036854775807");
}

static void a_long_message_makes_no_result_without_bounds(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    AUTO_BUFFER(message, LONG_BYTES);
    while (message.size < LONG_BYTES)
        buffer_add_text(&message, "ab");
    AUTO_BUFFER(many, LONG_BYTES);
    for (int i = 0; i < 60; i++)
        buffer_add_text(&many, "{message}");
    struct occasion occasion = masha;
    occasion.message = buffer_text(&message);
    const char *rendered = phrases_render(arena, buffer_text(&many), &occasion);
    assert_in_range(strlen(rendered), LONG_BYTES, RESULT_MAX_BYTES);
    assert_true(text_starts_with(rendered, "abab"));
}

static void the_usual_words_are_in_the_language_of_the_voice(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    static const struct {
        enum trigger_event event;
        const char *russian;
        const char *english;
    } rows[] = {
        {TRIGGER_CHAT, "hi", "hi"},
        {TRIGGER_VIEWER_FIRST_MESSAGE, "hi", "hi"},
        {TRIGGER_GIFT, "Маша отправил подарок Rose, количество 3",
         "Маша sent the gift Rose, count 3"},
        {TRIGGER_VIEWER_JOIN, "Маша теперь с нами", "Маша joined"},
        {TRIGGER_FOLLOW, "Новый подписчик: Маша", "New follower: Маша"},
        {TRIGGER_SUBSCRIBE, "Маша теперь с платной подпиской", "Маша subscribed"},
        {TRIGGER_SHARE, "Маша делится трансляцией", "Маша shared the live"},
        {TRIGGER_LIKE, "Маша ставит лайки: 3", "Маша likes: 3"},
    };
    assert_int_equal(ARRAY_LEN(rows), TRIGGER_EVENTS);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct occasion occasion = masha;
        occasion.event = rows[i].event;
        assert_string_equal(phrases_usual(arena, &occasion, false), rows[i].russian);
        assert_string_equal(phrases_usual(arena, &occasion, true), rows[i].english);
    }
}

static void a_voice_is_english_by_its_id(void **state)
{
    (void)state;
    static const char *const english[] = {"en-US-JennyNeural", "en-GB-X", "en_US-x", "gtts-en",
                                          "en"};
    static const char *const other[] = {
        "ru-RU-SvetlanaNeural", "gtts-ru", "", "english", "fr-en-x", "gtts-en-x"};
    for (size_t i = 0; i < ARRAY_LEN(english); i++)
        assert_true(phrases_is_english(english[i]));
    for (size_t i = 0; i < ARRAY_LEN(other); i++)
        assert_false(phrases_is_english(other[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_seven_words_in_braces_are_replaced),
        cmocka_unit_test(what_stands_in_a_replacement_is_not_replaced),
        cmocka_unit_test(a_nickname_without_a_sound_is_replaced_by_the_username),
        cmocka_unit_test(empty_texts_leave_nothing),
        cmocka_unit_test(numbers_of_any_size_are_written_out),
        cmocka_unit_test(a_long_message_makes_no_result_without_bounds),
        cmocka_unit_test(the_usual_words_are_in_the_language_of_the_voice),
        cmocka_unit_test(a_voice_is_english_by_its_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
