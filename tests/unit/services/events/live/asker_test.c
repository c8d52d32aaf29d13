/* SPDX-License-Identifier: MIT */
/* auth is a subscription of this test, which answers when the test lets it; the tables are a real
 * Postgres'. */
#include "services/events/live/asker.h"

#include "lib/base/clock.h"
#include "tests/unit/services/events/live/listener.h"
#include "tests/unit/services/events/store/tables.h"

#define NOW_MS 1000000
#define USERS 20

struct fixture {
    struct pg_options database;
    struct listener listener;
    struct speaker speaker;
    struct reactor reactor;
    struct rooms *rooms;
    struct asker *asker;
    natsSubscription *auth;
};

static void ignore(void *closure, const char *name)
{
    (void)closure;
    (void)name;
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.database = {.url = DATABASE_URL}};
    listener_open(&fixture.listener);
    speaker_init(&fixture.speaker, fixture.listener.bus, "http://media", fixture.listener.metrics);
    reactor_init(&fixture.reactor, &fixture.speaker, NULL, "http://media", 600,
                 fixture.listener.metrics);
    const struct rooms_options options = {
        .publisher = fixture.listener.publisher,
        .reactor = &fixture.reactor,
        .on_open = ignore,
        .on_close = ignore,
        .metrics = fixture.listener.metrics,
    };
    fixture.rooms = rooms_new(&options);
    natsConnection *connection = bus_connection(fixture.listener.own);
    assert_int_equal(
        natsConnection_SubscribeSync(&fixture.auth, connection, "rpc.auth.live_settings"), NATS_OK);
    assert_int_equal(natsConnection_FlushTimeout(connection, LONG_MS), NATS_OK);
    fixture.asker = asker_start(fixture.listener.bus, &fixture.database, fixture.rooms,
                                fixture.listener.metrics);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    asker_stop(fixture->asker);
    natsSubscription_Destroy(fixture->auth);
    rooms_free(fixture->rooms);
    listener_close(&fixture->listener);
    return 0;
}

static bool keep(struct fixture *fixture, const struct uuid *user, int64_t now_ms)
{
    const struct watch watch = {.user_id = user->text, .username = "live"};
    return rooms_keep(fixture->rooms, &watch, now_ms) != ROOMS_KNOWN;
}

/* The next question, which must name the user. */
static natsMsg *take_question(struct fixture *fixture, const struct uuid *user)
{
    natsMsg *question = NULL;
    assert_int_equal(natsSubscription_NextMsg(&question, fixture->auth, LONG_MS), NATS_OK);
    assert_non_null(strstr(natsMsg_GetData(question), user->text));
    return question;
}

static void answer(struct fixture *fixture, natsMsg *question)
{
    static const char body[] =
        "{\"tts_enabled\":true,\"voice_id\":\"a voice\",\"gift_sounds_enabled\":true,"
        "\"chat_tts_mode\":\"all\",\"chat_tts_prefixes\":\".\",\"chat_tts_min_diamonds\":0,"
        "\"gift_tts_enabled\":true,\"blocked_words\":[],\"blocked_users\":[],"
        "\"read_links\":false,\"max_spoken_chars\":200}";
    assert_int_equal(natsConnection_Publish(bus_connection(fixture->listener.own),
                                            natsMsg_GetReply(question), body, sizeof(body) - 1),
                     NATS_OK);
    natsMsg_Destroy(question);
}

static void what_auth_answers_is_heard(void **state)
{
    struct fixture *fixture = *state;
    struct uuid user;
    uuid_make(&user);
    assert_true(keep(fixture, &user, NOW_MS));
    asker_ask(fixture->asker, user.text, "live");
    answer(fixture, take_question(fixture, &user));
    asker_stop(TAKE(fixture->asker)); /* the answer is taken in by then */
    const struct live_event chat = {
        .type = LIVE_CHAT,
        .msg_id = 1,
        .user = {.nickname = "Masha", .display_id = "masha", .sec_uid = "", .avatar = ""},
        .chat = {.content = "hello", .language = ""},
    };
    rooms_take_event(fixture->rooms, "live", &chat);
    listener_expect(&fixture->listener, &user, "\"tts_url\":\"http://media/static/tts/");
}

static void an_auth_that_is_away_is_asked_again_later(void **state)
{
    struct fixture *fixture = *state;
    struct uuid user;
    uuid_make(&user);
    natsSubscription_Destroy(TAKE(fixture->auth));
    natsConnection *connection = bus_connection(fixture->listener.own);
    assert_int_equal(natsConnection_FlushTimeout(connection, LONG_MS), NATS_OK);
    assert_true(keep(fixture, &user, NOW_MS));
    asker_ask(fixture->asker, user.text, "live");
    while (!keep(fixture, &user, clock_mono_ms() + LONG_MS))
        clock_sleep_ms(1);
}

/* Nobody answers: were it not for the stop, the questions would take 2 s each. */
static void questions_that_wait_are_dropped_by_the_stop(void **state)
{
    struct fixture *fixture = *state;
    struct uuid users[USERS];
    for (int i = 0; i < USERS; i++) {
        uuid_make(&users[i]);
        assert_true(keep(fixture, &users[i], NOW_MS));
        asker_ask(fixture->asker, users[i].text, "live");
    }
    natsMsg *question = NULL;
    assert_int_equal(natsSubscription_NextMsg(&question, fixture->auth, LONG_MS), NATS_OK);
    natsMsg_Destroy(question);
    asker_stop(TAKE(fixture->asker));
    uint64_t asked = 0;
    while (natsSubscription_NextMsg(&question, fixture->auth, 1) == NATS_OK) {
        natsMsg_Destroy(question);
        asked++;
    }
    assert_in_range(asked, 0, USERS / 2);
}

#define ASKER_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASKER_TEST(what_auth_answers_is_heard),
        ASKER_TEST(an_auth_that_is_away_is_asked_again_later),
        ASKER_TEST(questions_that_wait_are_dropped_by_the_stop),
    };
    return cmocka_run_group_tests(tests, tables_make, NULL);
}
