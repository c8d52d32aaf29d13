/* SPDX-License-Identifier: MIT */
/* What happens in a live, as two users are sent it. */
#include "services/events/live/rooms.h"

#include "lib/base/text.h"
#include "tests/unit/services/events/live/rooms_fixture.h"

#define ANY(kind, ...)                                                                             \
    {                                                                                              \
        .id = #kind, .event = TRIGGER_##kind, .enabled = true, __VA_ARGS__                         \
    }

static const struct trigger on_first_message =
    ANY(VIEWER_FIRST_MESSAGE, .plays_sound = true, .sound_filename = "hello.mp3");

static void enter(struct fixture *fixture, const struct uuid *user,
                  const struct live_settings_reply *settings, const struct trigger *triggers,
                  size_t count)
{
    (void)keep(fixture, user, "one", NOW_MS);
    profiles_give(fixture->rooms, user->text, settings, triggers, count);
}

static struct live_settings_reply silent(void)
{
    struct live_settings_reply settings = profiles_defaults;
    settings.tts_enabled = false;
    return settings;
}

/* ---- first messages ---- */

static void a_first_message_is_told_to_whom_a_trigger_plays_for_it(void **state)
{
    struct fixture *fixture = *state;
    const struct live_settings_reply settings = silent();
    enter(fixture, &fixture->ann, &settings, &on_first_message, 1);
    say(fixture, "one", "hi");
    expect(fixture, &fixture->ann, "\"type\":\"viewer_first_message\",\"id\":\"1-first\"");
    expect(fixture, &fixture->ann, "\"type\":\"chat\",\"id\":\"1\"");
    say(fixture, "one", "again");
    expect(fixture, &fixture->ann, "\"message\":\"again\"");
    expect_silence(fixture);
}

static void nobody_else_is_told_of_a_first_message(void **state)
{
    struct fixture *fixture = *state;
    const struct live_settings_reply settings = silent();
    struct trigger for_ivan = on_first_message;
    for_ivan.condition = TRIGGER_IF_USERNAME;
    for_ivan.value = "ivan";
    enter(fixture, &fixture->ann, &settings, &for_ivan, 1);
    say(fixture, "one", "hi");
    expect(fixture, &fixture->ann, "\"message\":\"hi\"");
    expect_silence(fixture);
}

static void each_stream_has_first_messages_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    const struct live_settings_reply settings = silent();
    enter(fixture, &fixture->ann, &settings, &on_first_message, 1);
    for (int64_t room_id = 1; room_id <= 2; room_id++) {
        struct live_event chat = event_by_masha(fixture, LIVE_CHAT);
        chat.room_id = room_id;
        chat.chat.content = "hi";
        rooms_take_event(fixture->rooms, "one", &chat);
        expect(fixture, &fixture->ann, "viewer_first_message");
        expect(fixture, &fixture->ann, "\"message\":\"hi\"");
    }
}

static void who_is_remembered_to_have_written_has_no_first_message(void **state)
{
    struct fixture *fixture = *state;
    const struct live_settings_reply settings = silent();
    const struct viewer_memory viewer = {"one", ROOM_ID, MASHA, true, 0};
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    const struct rooms_loaded loaded = {
        .profile = profile_new(&settings), .viewers = &viewer, .viewer_count = 1};
    rooms_take_profile(fixture->rooms, fixture->ann.text, &loaded);
    profiles_give(fixture->rooms, fixture->ann.text, &settings, &on_first_message, 1);
    say(fixture, "one", "hi");
    expect(fixture, &fixture->ann, "\"message\":\"hi\"");
}

static void what_is_remembered_of_a_live_that_was_left_does_not_count_in_another(void **state)
{
    struct fixture *fixture = *state;
    const struct live_settings_reply settings = silent();
    const struct viewer_memory viewer = {"old", ROOM_ID, MASHA, true, 0};
    (void)keep(fixture, &fixture->ann, "old", NOW_MS);
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    const struct rooms_loaded loaded = {
        .profile = profile_new(&settings), .viewers = &viewer, .viewer_count = 1};
    rooms_take_profile(fixture->rooms, fixture->ann.text, &loaded);
    enter(fixture, &fixture->ann, &settings, &on_first_message, 1);
    say(fixture, "one", "hi");
    expect(fixture, &fixture->ann, "viewer_first_message");
}

/* ---- donors ---- */

static void give(struct fixture *fixture, int32_t diamonds, bool streakable, int32_t count,
                 bool is_last)
{
    struct live_event gift = event_by_masha(fixture, LIVE_GIFT);
    gift.gift = (struct live_gift){.gift_id = 5655,
                                   .name = "Rose",
                                   .image = "",
                                   .has_price = true,
                                   .diamond_count = diamonds,
                                   .repeat_count = count,
                                   .repeat_end = is_last,
                                   .group_id = streakable ? 99 : 0,
                                   .streakable = streakable};
    rooms_take_event(fixture->rooms, "one", &gift);
}

static void who_has_given_enough_in_all_is_spoken(void **state)
{
    struct fixture *fixture = *state;
    struct live_settings_reply settings = profiles_defaults;
    settings.chat_tts_mode = "donor";
    settings.chat_tts_min_diamonds = 10;
    settings.gift_tts_enabled = false;
    enter(fixture, &fixture->ann, &settings, NULL, 0);
    give(fixture, 6, false, 1, true);
    expect(fixture, &fixture->ann, "\"diamonds\":6");
    say(fixture, "one", "hi");
    expect(fixture, &fixture->ann, "\"message\":\"hi\"}");
    give(fixture, 1, true, 3, false); /* counts when the streak ends */
    expect(fixture, &fixture->ann, "\"diamonds\":3");
    say(fixture, "one", "hi");
    expect(fixture, &fixture->ann, "\"message\":\"hi\"}");
    give(fixture, 1, true, 4, true);
    expect(fixture, &fixture->ann, "\"final\":true");
    say(fixture, "one", "hi");
    expect(fixture, &fixture->ann, "\"message\":\"hi\",\"tts_url\"");
}

/* ---- deleted messages ---- */

static void delete (struct fixture *fixture, const int64_t *message_ids, size_t message_count,
                    const int64_t *user_ids, size_t user_count)
{
    struct live_event event = event_by_masha(fixture, LIVE_DELETE);
    event.delete = (struct live_delete){message_ids, message_count, user_ids, user_count};
    rooms_take_event(fixture->rooms, "one", &event);
}

static void a_deleted_message_is_taken_back_and_so_is_its_speech(void **state)
{
    struct fixture *fixture = *state;
    enter(fixture, &fixture->ann, &profiles_defaults, NULL, 0);
    say(fixture, "one", "bad words");
    expect(fixture, &fixture->ann, "\"id\":\"1\"");
    expect_media(fixture, "rpc.media.speak", "bad words");
    say(fixture, "one", "good words");
    expect(fixture, &fixture->ann, "\"id\":\"2\"");
    expect_media(fixture, "rpc.media.speak", "good words");
    delete (fixture, (const int64_t[]){1, 77}, 2, NULL, 0);
    expect(fixture, &fixture->ann, "\"ids\":[\"1\",\"77\"]");
    expect_media(fixture, "rpc.media.cancel_speech", fixture->ann.text);
    delete (fixture, (const int64_t[]){1}, 1, NULL, 0); /* there is nothing to cancel any more */
    expect(fixture, &fixture->ann, "\"ids\":[\"1\"]");
    say(fixture, "one", "other words");
    expect_media(fixture, "rpc.media.speak", "other words");
}

static void all_messages_of_a_deleted_user_are_taken_back(void **state)
{
    struct fixture *fixture = *state;
    const struct live_settings_reply settings = silent();
    enter(fixture, &fixture->ann, &settings, NULL, 0);
    say(fixture, "one", "first");
    say(fixture, "one", "second");
    struct live_event other = event_by_masha(fixture, LIVE_CHAT);
    other.user.id = 8;
    other.chat.content = "of another";
    rooms_take_event(fixture->rooms, "one", &other);
    expect(fixture, &fixture->ann, "first");
    expect(fixture, &fixture->ann, "second");
    expect(fixture, &fixture->ann, "of another");
    delete (fixture, NULL, 0, (const int64_t[]){MASHA}, 1);
    expect(fixture, &fixture->ann, "\"ids\":[\"1\",\"2\"]}");
    delete (fixture, NULL, 0, (const int64_t[]){99}, 1);
    expect_silence(fixture);
}

/* ---- numbers and states ---- */

static void a_pause_is_told_as_the_state(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    struct live_event control = event_by_masha(fixture, LIVE_CONTROL);
    control.control.kind = LIVE_CONTROL_PAUSE;
    rooms_take_event(fixture->rooms, "one", &control);
    expect(fixture, &fixture->ann,
           "\"connected\":true,\"state\":\"connected\",\"message\":\"the live is paused\"");
    (void)keep(fixture, &fixture->bob, "one", NOW_MS); /* who comes later learns of it */
    expect(fixture, &fixture->bob, "the live is paused");
    control.control.kind = LIVE_CONTROL_OTHER;
    rooms_take_event(fixture->rooms, "one", &control);
    rooms_forget(fixture->rooms, fixture->bob.text);
    control.control.kind = LIVE_CONTROL_RESUME;
    rooms_take_event(fixture->rooms, "one", &control);
    expect(fixture, &fixture->ann, "the live goes on");
    expect_silence(fixture);
}

static void the_total_of_likes_never_falls(void **state)
{
    struct fixture *fixture = *state;
    static const int64_t totals[] = {100, 90, 101, -5};
    static const char *const told[] = {"\"total\":100}", "\"total\":100}", "\"total\":101}",
                                       "\"total\":101}"};
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    for (size_t i = 0; i < ARRAY_LEN(totals); i++) {
        struct live_event like = event_by_masha(fixture, LIVE_LIKE);
        like.like = (struct live_like){.count = 1, .total = totals[i]};
        rooms_take_event(fixture->rooms, "one", &like);
        expect(fixture, &fixture->ann, told[i]);
    }
}

static void a_streak_does_not_end_while_nothing_comes(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    struct live_event gift = event_by_masha(fixture, LIVE_GIFT);
    gift.gift = (struct live_gift){.gift_id = 5655,
                                   .name = "Rose",
                                   .repeat_count = 1,
                                   .group_id = 99,
                                   .streakable = true,
                                   .has_price = true,
                                   .diamond_count = 1};
    rooms_take_event(fixture->rooms, "one", &gift);
    expect(fixture, &fixture->ann, "\"final\":false");
    int64_t later_ms = clock_mono_ms() + 10 * STREAKS_IDLE_MS;
    (void)keep(fixture, &fixture->ann, "one", later_ms);
    (void)rooms_sweep(fixture->rooms, later_ms);
    expect_silence(fixture);
    rooms_take_state(fixture->rooms, "one", "ended", "over", NULL);
    expect(fixture, &fixture->ann, "\"final\":true");
}

static void count_viewers(struct fixture *fixture, int64_t live, int64_t current, int64_t total)
{
    struct live_event viewers = event_by_masha(fixture, LIVE_VIEWERS);
    viewers.room_id = live;
    viewers.viewers.current = current;
    viewers.viewers.total = total;
    rooms_take_event(fixture->rooms, "one", &viewers);
}

/* A second passes. */
static void sweep_later(struct fixture *fixture)
{
    int64_t later_ms = clock_mono_ms() + 1000;
    (void)keep(fixture, &fixture->ann, "one", later_ms);
    (void)rooms_sweep(fixture->rooms, later_ms);
}

static void viewers_are_told_at_once_and_then_the_latest_each_second(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    for (int i = 0; i < 50; i++)
        count_viewers(fixture, 7, 5 + i, 100);
    expect(fixture, &fixture->ann, "\"current\":5,");
    expect_silence(fixture);
    sweep_later(fixture);
    expect(fixture, &fixture->ann, "\"current\":54,");
    sweep_later(fixture);
    expect_silence(fixture);
}

static void viewers_are_told_when_only_their_total_changes(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    count_viewers(fixture, 7, 5, 100);
    expect(fixture, &fixture->ann, "\"total\":100");
    count_viewers(fixture, 7, 5, 100);
    sweep_later(fixture);
    expect_silence(fixture);
    count_viewers(fixture, 7, 5, 101);
    sweep_later(fixture);
    expect(fixture, &fixture->ann, "\"total\":101");
}

static void the_next_live_begins_with_numbers_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    for (int64_t live = 7; live <= 8; live++) {
        struct live_event like = event_by_masha(fixture, LIVE_LIKE);
        like.room_id = live;
        like.like.count = 1;
        like.like.total = live == 7 ? 9000 : 7;
        rooms_take_event(fixture->rooms, "one", &like);
        expect(fixture, &fixture->ann, live == 7 ? "\"total\":9000" : "\"total\":7}");
        count_viewers(fixture, live, 55, 55);
        expect(fixture, &fixture->ann, "\"current\":55,");
    }
}

static void events_without_an_id_are_told_apart(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    char ids[2][64];
    for (size_t i = 0; i < 2; i++) {
        struct live_event follow = event_by_masha(fixture, LIVE_FOLLOW);
        follow.msg_id = 0;
        rooms_take_event(fixture->rooms, "one", &follow);
        natsMsg *message = NULL;
        assert_int_equal(
            natsSubscription_NextMsg(&message, fixture->listener.subscription, LONG_MS), NATS_OK);
        AUTO(json_decref) json_t *event = json_loads(natsMsg_GetData(message), 0, NULL);
        natsMsg_Destroy(message);
        assert_non_null(event);
        (void)snprintf(ids[i], sizeof(ids[i]), "%s",
                       json_string_value(json_object_get(event, "id")));
    }
    assert_string_not_equal(ids[0], ids[1]);
}

/* ---- whatever TikTok sends ---- */

static const int64_t extremes[] = {INT64_MIN, -1, 0, 1, INT64_MAX};
static const char *const odd_texts[] = {"", " ", "\xFF", "\"\\\n\x01", "{user}{message}", "\uFDFA"};

static void fill(struct live_event *event, const char *text, int64_t number)
{
    event->room_id = number;
    event->user.id = number;
    event->user.nickname = text;
    event->user.display_id = text;
    if (event->type == LIVE_CHAT)
        event->chat.content = text;
    else if (event->type == LIVE_LIKE)
        event->like = (struct live_like){.count = number, .total = number};
    else if (event->type == LIVE_VIEWERS)
        event->viewers = (struct live_viewers){.current = number, .total = number};
    else if (event->type == LIVE_GIFT)
        event->gift = (struct live_gift){
            .gift_id = number,
            .name = text,
            .image = "",
            .has_price = true,
            .diamond_count = number > 0 ? INT32_MAX : INT32_MIN,
            .repeat_count = number > 0 ? INT32_MAX : INT32_MIN,
            .group_count = INT32_MAX,
            .group_id = number,
            .streakable = number < 0,
            .repeat_end = 1,
        };
}

static size_t take_all_as_json(struct fixture *fixture)
{
    natsMsg *message = NULL;
    struct uuid sentinel;
    uuid_make(&sentinel);
    publisher_send(fixture->listener.publisher, sentinel.text, "1", (struct slice){"{}", 2});
    for (size_t count = 0;; count++) {
        assert_int_equal(
            natsSubscription_NextMsg(&message, fixture->listener.subscription, LONG_MS), NATS_OK);
        bool is_last = strstr(natsMsg_GetSubject(message), sentinel.text) != NULL;
        AUTO(json_decref)
        json_t *event = json_loadb(natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message),
                                   JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
        if (!event)
            fail_msg("no JSON: %s", natsMsg_GetData(message));
        natsMsg_Destroy(message);
        if (is_last)
            return count;
    }
}

static void whatever_comes_is_sent_as_json(void **state)
{
    struct fixture *fixture = *state;
    static const char all[] = "{user} {username} {message} {gift} {count} {diamonds}";
    static const struct trigger triggers[] = {
        ANY(CHAT, .text_template = all, .user_cooldown_seconds = 1, .cooldown_seconds = 1),
        ANY(GIFT, .text_template = all, .once_per_stream = true),
        ANY(VIEWER_JOIN, .text_template = all),
        ANY(VIEWER_FIRST_MESSAGE, .text_template = all),
        ANY(FOLLOW, .text_template = all),
        ANY(SUBSCRIBE, .text_template = all),
        ANY(SHARE, .text_template = all),
        ANY(LIKE, .text_template = all, .condition = TRIGGER_IF_MESSAGE_CONTAINS, .value = "x"),
    };
    static const char *const blocked[] = {"x"};
    struct live_settings_reply settings = profiles_defaults;
    settings.blocked_words = (struct list){blocked, 1};
    enter(fixture, &fixture->ann, &settings, triggers, ARRAY_LEN(triggers));
    enter(fixture, &fixture->bob, &profiles_defaults, NULL, 0);
    size_t sent = 0;
    for (enum live_event_type type = 0; type < LIVE_EVENT_TYPES; type++) {
        for (size_t i = 0; i < ARRAY_LEN(odd_texts); i++) {
            for (size_t j = 0; j < ARRAY_LEN(extremes); j++) {
                struct live_event event = event_by_masha(fixture, type);
                fill(&event, odd_texts[i], extremes[j]);
                rooms_take_event(fixture->rooms, "one", &event);
            }
        }
        sent += take_all_as_json(fixture);
    }
    assert_true(sent > (size_t)8 * ARRAY_LEN(odd_texts) * ARRAY_LEN(extremes));
}

/* ---- memory ---- */

static void long_messages_for_many_users_need_no_more_memory_than_for_one(void **state)
{
    enum { USERS = 400, BYTES = 16000 };
    struct fixture *fixture = *state;
    static const char *const blocked[] = {"absent"};
    struct live_settings_reply settings = profiles_defaults;
    settings.blocked_words = (struct list){blocked, 1};
    for (int i = 0; i < USERS; i++) {
        struct uuid user;
        uuid_make(&user);
        enter(fixture, &user, &settings, NULL, 0);
    }
    AUTO_BUFFER(text, BYTES);
    while (text.size < BYTES)
        buffer_add_text(&text, "word ");
    say(fixture, "one", buffer_text(&text));
    assert_int_equal(take_all_as_json(fixture), USERS);
}

static void the_end_of_many_streaks_needs_no_more_memory_than_of_one(void **state)
{
    enum { USERS = 2, BYTES = 16000 };
    struct fixture *fixture = *state;
    AUTO_BUFFER(name, BYTES);
    while (name.size < BYTES)
        buffer_add_text(&name, "Роза");
    for (int i = 0; i < USERS; i++) {
        struct uuid user;
        uuid_make(&user);
        enter(fixture, &user, &profiles_defaults, NULL, 0);
    }
    for (int64_t i = 1; i <= STREAKS_MAX; i++) {
        struct live_event gift = event_by_masha(fixture, LIVE_GIFT);
        gift.gift = (struct live_gift){.gift_id = 1,
                                       .name = buffer_text(&name),
                                       .image = "",
                                       .has_price = true,
                                       .diamond_count = 1,
                                       .repeat_count = 1,
                                       .group_id = i,
                                       .streakable = true};
        rooms_take_event(fixture->rooms, "one", &gift);
    }
    assert_int_equal(take_all_as_json(fixture), USERS * STREAKS_MAX);
    rooms_take_state(fixture->rooms, "one", "ended", "the live is over", NULL);
    assert_int_equal(take_all_as_json(fixture), USERS * (STREAKS_MAX + 1));
}

#define ROOM_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOM_TEST(a_first_message_is_told_to_whom_a_trigger_plays_for_it),
        ROOM_TEST(nobody_else_is_told_of_a_first_message),
        ROOM_TEST(each_stream_has_first_messages_of_its_own),
        ROOM_TEST(who_is_remembered_to_have_written_has_no_first_message),
        ROOM_TEST(what_is_remembered_of_a_live_that_was_left_does_not_count_in_another),
        ROOM_TEST(who_has_given_enough_in_all_is_spoken),
        ROOM_TEST(a_deleted_message_is_taken_back_and_so_is_its_speech),
        ROOM_TEST(all_messages_of_a_deleted_user_are_taken_back),
        ROOM_TEST(a_pause_is_told_as_the_state),
        ROOM_TEST(the_total_of_likes_never_falls),
        ROOM_TEST(a_streak_does_not_end_while_nothing_comes),
        ROOM_TEST(viewers_are_told_at_once_and_then_the_latest_each_second),
        ROOM_TEST(viewers_are_told_when_only_their_total_changes),
        ROOM_TEST(the_next_live_begins_with_numbers_of_its_own),
        ROOM_TEST(events_without_an_id_are_told_apart),
        ROOM_TEST(whatever_comes_is_sent_as_json),
        ROOM_TEST(long_messages_for_many_users_need_no_more_memory_than_for_one),
        ROOM_TEST(the_end_of_many_streaks_needs_no_more_memory_than_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
