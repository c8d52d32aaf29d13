/* SPDX-License-Identifier: MIT */
/* Media is a subscription of this test; firings are written to a real Postgres. */
#include "services/events/live/reactor.h"

#include "lib/base/clock.h"
#include "services/events/store/triggers.h"
#include "tests/unit/services/events/live/rooms_fixture.h"
#include "tests/unit/services/events/store/tables.h"

#define SOUND_ID "aaaaaaaa-2222-4333-8444-555555555555"
#define SPEECH_ID "bbbbbbbb-2222-4333-8444-555555555555"
#define IVAN 8
#define ROSE 5655

struct studio {
    struct fixture *rooms;
    struct tables tables;
    struct recorder *recorder;
    struct reactor reactor;
    struct arena *arena;
    struct watcher *watcher;
    int64_t now_ms;
};

static struct studio studio;

static int open_studio(void **state)
{
    tables_open(&studio.tables);
    studio = (struct studio){.tables = studio.tables, .arena = arena_new(1 << 24)};
    (void)set_up(state);
    studio.rooms = *state;
    studio.now_ms = clock_mono_ms();
    studio.recorder = recorder_start(&studio.tables.database, studio.rooms->listener.metrics);
    reactor_init(&studio.reactor, &studio.rooms->speaker, studio.recorder, "http://media//", 600,
                 studio.rooms->listener.metrics);
    studio.watcher = watcher_new(studio.rooms->ann.text);
    return 0;
}

static int close_studio(void **state)
{
    watcher_free(studio.watcher);
    recorder_stop(studio.recorder);
    arena_free(studio.arena);
    tables_close(&studio.tables);
    return tear_down(state);
}

static void set_profile(const struct live_settings_reply *settings, const struct trigger *triggers,
                        size_t count)
{
    struct profile *profile = profile_new(settings);
    struct trigger *own = ARENA_ARRAY(profile->arena, struct trigger, count);
    for (size_t i = 0; i < count; i++)
        own[i] = triggers[i];
    profile_set_triggers(profile, own, count);
    watcher_set_profile(studio.watcher, profile);
}

static struct occasion complete(struct occasion occasion)
{
    occasion.room_id = ROOM_ID;
    occasion.username = "masha";
    occasion.nickname = "Masha";
    occasion.message = occasion.message ? occasion.message : "";
    occasion.gift_name = occasion.gift_name ? occasion.gift_name : "";
    occasion_fold(studio.arena, &occasion);
    return occasion;
}

static struct event_envelope react(struct occasion occasion, int64_t msg_id)
{
    struct event_envelope envelope = {.id = "1"};
    occasion = complete(occasion);
    reactor_react(&studio.reactor, studio.arena, studio.watcher, &occasion, msg_id, studio.now_ms,
                  &envelope);
    return envelope;
}

static struct event_envelope hear(const char *message, int64_t msg_id)
{
    return react((struct occasion){.event = TRIGGER_CHAT, .viewer_id = MASHA, .message = message},
                 msg_id);
}

static struct event_envelope get_roses(int64_t viewer_id, int64_t count)
{
    return react((struct occasion){.event = TRIGGER_GIFT,
                                   .viewer_id = viewer_id,
                                   .gift_name = "Rose",
                                   .gift_id = ROSE,
                                   .count = count,
                                   .diamonds = count},
                 0);
}

static void expect_speech(const char *text)
{
    expect_media(studio.rooms, "rpc.media.speak", text);
}

/* The app is busy for so long from now. */
static void keep_busy(int64_t ms)
{
    studio.watcher->playback.busy_until_ms = studio.now_ms + ms;
}

/* ---- what is heard ---- */

static void nothing_is_heard_before_the_profile_is_known(void **state)
{
    (void)state;
    assert_null(hear("hello", 1).tts_url);
    struct event_envelope envelope = {.id = "1"};
    const struct occasion occasion = complete((struct occasion){.event = TRIGGER_CHAT});
    assert_false(reactor_react_to_first_message(&studio.reactor, studio.arena, studio.watcher,
                                                &occasion, 1, studio.now_ms, &envelope));
}

static void a_spoken_text_has_the_url_that_media_was_told(void **state)
{
    (void)state;
    char url[256];
    natsMsg *message = NULL;
    set_profile(&profiles_defaults, NULL, 0);
    const char *tts_url = hear("hello \"you\"", 1).tts_url;
    assert_non_null(tts_url);
    assert_int_equal(natsSubscription_NextMsg(&message, studio.rooms->media, LONG_MS), NATS_OK);
    AUTO(json_decref) json_t *request = json_loads(natsMsg_GetData(message), 0, NULL);
    natsMsg_Destroy(message);
    const char *user_id = json_string_value(json_object_get(request, "user_id"));
    const char *id = json_string_value(json_object_get(request, "id"));
    assert_string_equal(user_id, studio.rooms->ann.text);
    assert_string_equal(json_string_value(json_object_get(request, "text")), "hello \"you\"");
    assert_string_equal(json_string_value(json_object_get(request, "voice_id")),
                        profiles_defaults.voice_id);
    (void)snprintf(url, sizeof(url), "http://media/static/tts/%s/%s.mp3", user_id, id);
    assert_string_equal(tts_url, url);
}

static void a_sound_is_the_users_file_and_no_slash_is_doubled(void **state)
{
    (void)state;
    char url[256];
    const struct trigger trigger = {.id = SOUND_ID,
                                    .event = TRIGGER_CHAT,
                                    .enabled = true,
                                    .plays_sound = true,
                                    .sound_filename = "a.mp3"};
    set_profile(&profiles_defaults, &trigger, 1);
    const struct event_envelope envelope = hear("hello", 1);
    (void)snprintf(url, sizeof(url), "http://media/static/sounds/%s/a.mp3", studio.rooms->ann.text);
    assert_string_equal(envelope.sound_url, url);
    assert_null(envelope.tts_url);
}

static void what_is_tried_out_is_played_however_busy_the_app_is(void **state)
{
    (void)state;
    const struct reaction reaction = {.sound_filename = "a.mp3", .text = "hello"};
    struct event_envelope envelope = {.id = "1"};
    keep_busy(600000);
    reactor_play(&studio.reactor, studio.arena, studio.rooms->ann.text, "a voice", &reaction,
                 &envelope);
    assert_non_null(envelope.tts_url);
    assert_non_null(envelope.sound_url);
    expect_speech("\"voice_id\":\"a voice\"");
}

static void a_first_message_is_one_when_a_trigger_fires(void **state)
{
    (void)state;
    const struct trigger trigger = {.id = SOUND_ID,
                                    .event = TRIGGER_VIEWER_FIRST_MESSAGE,
                                    .enabled = true,
                                    .plays_sound = true,
                                    .sound_filename = "a.mp3",
                                    .once_per_stream = true};
    set_profile(&profiles_defaults, &trigger, 1);
    const struct occasion occasion =
        complete((struct occasion){.event = TRIGGER_CHAT, .message = "hi"});
    for (int round = 0; round < 2; round++) {
        struct event_envelope envelope = {.id = "1"};
        assert_int_equal(reactor_react_to_first_message(&studio.reactor, studio.arena,
                                                        studio.watcher, &occasion, 1, studio.now_ms,
                                                        &envelope),
                         round == 0);
        assert_int_equal(envelope.sound_url != NULL, round == 0);
    }
}

/* ---- what is shed ---- */

static void what_finds_no_time_is_shed_and_counted(void **state)
{
    (void)state;
    set_profile(&profiles_defaults, NULL, 0);
    keep_busy(15001);
    assert_null(hear("too late", 1).tts_url);
    assert_int_equal(metric_value(studio.reactor.shed), 1);
    keep_busy(15000);
    assert_non_null(hear("just in time", 2).tts_url);
    expect_speech("just in time");
    assert_int_equal(metric_value(studio.reactor.shed), 1);
}

static void a_trigger_for_which_there_was_no_time_has_not_fired(void **state)
{
    (void)state;
    const struct trigger trigger = {.id = SPEECH_ID,
                                    .event = TRIGGER_CHAT,
                                    .enabled = true,
                                    .text_template = "once",
                                    .once_per_stream = true};
    set_profile(&profiles_defaults, &trigger, 1);
    keep_busy(60000);
    assert_null(hear("hello", 1).tts_url);
    keep_busy(0);
    assert_non_null(hear("hello", 2).tts_url);
    expect_speech("once");
    assert_non_null(hear("spoken itself now", 3).tts_url);
    expect_speech("spoken itself now");
}

static void what_the_budget_does_not_allow_keeps_the_app_not_busy(void **state)
{
    (void)state;
    studio.reactor.speech_per_minute = 6; /* one at once */
    set_profile(&profiles_defaults, NULL, 0);
    assert_non_null(hear("one", 1).tts_url);
    int64_t busy_until_ms = studio.watcher->playback.busy_until_ms;
    assert_null(hear("two", 2).tts_url);
    assert_int_equal(metric_value(studio.reactor.shed), 1);
    assert_true(studio.watcher->playback.busy_until_ms == busy_until_ms);
    studio.now_ms += 10000;
    assert_non_null(hear("two", 3).tts_url); /* it has not been waiting all the time */
}

static void what_media_can_not_be_told_keeps_the_app_not_busy(void **state)
{
    (void)state;
    struct bus *bus = open_bus("cut-off");
    natsConnection_Close(bus_connection(bus));
    studio.reactor.speaker->bus = bus;
    set_profile(&profiles_defaults, NULL, 0);
    assert_null(hear("lost", 1).tts_url);
    studio.reactor.speaker->bus = studio.rooms->listener.bus;
    bus_close(bus);
    assert_int_equal(studio.watcher->playback.busy_until_ms, 0);
    reactor_take_back(&studio.reactor, studio.watcher, (const int64_t[]){1}, 1);
    assert_non_null(hear("told", 2).tts_url);
    expect_speech("told"); /* and nothing was cancelled */
}

/* ---- gifts ---- */

static void gifts_that_were_not_thanked_for_are_named_with_the_next(void **state)
{
    (void)state;
    set_profile(&profiles_defaults, NULL, 0);
    keep_busy(30001);
    assert_null(get_roses(MASHA, 2).tts_url);
    assert_null(get_roses(MASHA, 3).tts_url);
    keep_busy(0);
    assert_non_null(get_roses(IVAN, 1).tts_url);
    expect_speech("количество 1");
    assert_non_null(get_roses(MASHA, 4).tts_url);
    expect_speech("количество 9");
    assert_non_null(get_roses(MASHA, 1).tts_url);
    expect_speech("количество 1");
}

static void a_gift_that_a_trigger_plays_for_is_owed_no_thanks(void **state)
{
    (void)state;
    const struct trigger trigger = {.id = SPEECH_ID,
                                    .event = TRIGGER_GIFT,
                                    .enabled = true,
                                    .text_template = "{count}",
                                    .min_diamonds = 5};
    set_profile(&profiles_defaults, &trigger, 1);
    keep_busy(30001);
    assert_null(get_roses(MASHA, 5).tts_url);
    keep_busy(0);
    assert_non_null(get_roses(MASHA, 1).tts_url);
    expect_speech("количество 1");
}

static void gifts_of_the_largest_count_do_not_overflow(void **state)
{
    (void)state;
    set_profile(&profiles_defaults, NULL, 0);
    keep_busy(60001);
    for (int i = 0; i < 3; i++)
        assert_null(get_roses(MASHA, INT64_MAX / 2).tts_url);
    keep_busy(0);
    assert_non_null(get_roses(MASHA, INT64_MAX).tts_url);
    expect_speech("количество 9223372036854775807");
}

/* ---- what is written down ---- */

static void insert_trigger(const char *id)
{
    const struct set_trigger_request trigger = {.event_type = "chat", .action = "tts"};
    assert_ok(&studio.tables, triggers_insert(&studio.tables.call, ANN, id, &trigger));
}

static void a_firing_is_written_down_and_kept_where_a_cooldown_asks_for_it(void **state)
{
    (void)state;
    insert_trigger(SOUND_ID);
    insert_trigger(SPEECH_ID);
    const struct trigger triggers[] = {
        {.id = SOUND_ID,
         .event = TRIGGER_CHAT,
         .enabled = true,
         .plays_sound = true,
         .sound_filename = "a.mp3",
         .cooldown_seconds = 60,
         .user_cooldown_seconds = 60},
        {.id = SPEECH_ID, .event = TRIGGER_CHAT, .enabled = true, .text_template = "{message}"},
    };
    set_profile(&profiles_defaults, triggers, 2);
    assert_non_null(hear("one", 1).sound_url);
    assert_null(hear("two", 2).sound_url);
    assert_null(hear("three", 3).sound_url);
    recorder_stop(TAKE(studio.recorder));
    assert_int_equal(tables_execute("select executed_count from events.triggers"
                                    " where id = '" SOUND_ID "'"),
                     1);
    assert_int_equal(tables_execute("select executed_count from events.triggers"
                                    " where id = '" SPEECH_ID "'"),
                     2);
    assert_int_equal(tables_execute("select count(*) from events.firings"), 2);
    assert_int_equal(tables_execute("select sum(viewer_id) from events.firings"
                                    " where trigger_id = '" SOUND_ID "'"
                                    " and fired_at between now() - interval '1 minute' and now()"),
                     MASHA);
}

/* ---- taking back ---- */

static void deleted_messages_are_not_spoken(void **state)
{
    (void)state;
    set_profile(&profiles_defaults, NULL, 0);
    const int64_t first[] = {1, 99};
    const int64_t unknown[] = {0, 5};
    char id[64];
    const char *url = hear("one", 1).tts_url;
    (void)snprintf(id, sizeof(id), "%.36s", strrchr(url, '/') + 1);
    expect_speech("one");
    (void)hear("two", 2);
    expect_speech("two");
    (void)hear("without an id", 0);
    expect_speech("without an id");
    reactor_take_back(&studio.reactor, studio.watcher, unknown, 2);
    reactor_take_back(&studio.reactor, studio.watcher, first, 2);
    reactor_take_back(&studio.reactor, studio.watcher, first, 2);
    expect_media(studio.rooms, "rpc.media.cancel_speech", id);
    (void)hear("three", 3);
    expect_speech("three");
}

static void of_much_speech_the_latest_can_be_taken_back(void **state)
{
    (void)state;
    set_profile(&profiles_defaults, NULL, 0);
    int64_t ids[WATCHER_SPEECH_MAX + 1];
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        ids[i] = (int64_t)i + 1;
        keep_busy(0);
        (void)hear("text", ids[i]);
        expect_speech("text");
        studio.now_ms += 10000;
    }
    reactor_take_back(&studio.reactor, studio.watcher, ids, ARRAY_LEN(ids));
    for (int i = 0; i < WATCHER_SPEECH_MAX; i++)
        expect_media(studio.rooms, "rpc.media.cancel_speech", "");
    (void)hear("the end", 99);
    expect_speech("the end");
}

#define REACTOR_TEST(test) cmocka_unit_test_setup_teardown(test, open_studio, close_studio)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REACTOR_TEST(nothing_is_heard_before_the_profile_is_known),
        REACTOR_TEST(a_spoken_text_has_the_url_that_media_was_told),
        REACTOR_TEST(a_sound_is_the_users_file_and_no_slash_is_doubled),
        REACTOR_TEST(what_is_tried_out_is_played_however_busy_the_app_is),
        REACTOR_TEST(a_first_message_is_one_when_a_trigger_fires),
        REACTOR_TEST(what_finds_no_time_is_shed_and_counted),
        REACTOR_TEST(a_trigger_for_which_there_was_no_time_has_not_fired),
        REACTOR_TEST(what_the_budget_does_not_allow_keeps_the_app_not_busy),
        REACTOR_TEST(what_media_can_not_be_told_keeps_the_app_not_busy),
        REACTOR_TEST(gifts_that_were_not_thanked_for_are_named_with_the_next),
        REACTOR_TEST(a_gift_that_a_trigger_plays_for_is_owed_no_thanks),
        REACTOR_TEST(gifts_of_the_largest_count_do_not_overflow),
        REACTOR_TEST(a_firing_is_written_down_and_kept_where_a_cooldown_asks_for_it),
        REACTOR_TEST(deleted_messages_are_not_spoken),
        REACTOR_TEST(of_much_speech_the_latest_can_be_taken_back),
    };
    return cmocka_run_group_tests(tests, tables_make, NULL);
}
