/* SPDX-License-Identifier: MIT */
/* Two users, rooms for them, and what they are sent. */
#pragma once

#include "lib/base/clock.h"
#include "tests/unit/services/events/live/listener.h"
#include "tests/unit/services/events/live/profiles.h"

#define NOW_MS 1000000
#define ROOM_ID INT64_C(7435839104927384321) /* TikTok's */
#define MASHA 7

struct fixture {
    struct listener listener;
    struct speaker speaker;
    struct reactor reactor;
    struct rooms *rooms;
    natsSubscription *media; /* what media is asked */
    unsigned opened, closed;
    char last_closed[64];
    int64_t message_id;
    struct uuid ann, bob;
};

static inline void on_open(void *closure, const char *name)
{
    struct fixture *fixture = closure;
    (void)name;
    fixture->opened++;
}

static inline void on_close(void *closure, const char *name)
{
    struct fixture *fixture = closure;
    fixture->closed++;
    (void)snprintf(fixture->last_closed, sizeof(fixture->last_closed), "%s", name);
}

static inline int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){0};
    listener_open(&fixture.listener);
    speaker_init(&fixture.speaker, fixture.listener.bus, "http://media", fixture.listener.metrics);
    reactor_init(&fixture.reactor, &fixture.speaker, NULL, "http://media", 600,
                 fixture.listener.metrics);
    const struct rooms_options options = {
        .publisher = fixture.listener.publisher,
        .reactor = &fixture.reactor,
        .on_open = on_open,
        .on_close = on_close,
        .closure = &fixture,
        .metrics = fixture.listener.metrics,
    };
    fixture.rooms = rooms_new(&options);
    natsConnection *connection = bus_connection(fixture.listener.own);
    assert_int_equal(natsConnection_SubscribeSync(&fixture.media, connection, "rpc.media.>"),
                     NATS_OK);
    assert_int_equal(natsConnection_FlushTimeout(connection, LONG_MS), NATS_OK);
    uuid_make(&fixture.ann);
    uuid_make(&fixture.bob);
    *state = &fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    natsSubscription_Destroy(fixture->media);
    rooms_free(fixture->rooms);
    listener_close(&fixture->listener);
    return 0;
}

/* Whether the user's profile is wanted. */
static inline bool keep(struct fixture *fixture, const struct uuid *user, const char *name,
                        int64_t now_ms)
{
    const struct watch watch = {.user_id = user->text, .username = name};
    return rooms_keep(fixture->rooms, &watch, now_ms) != ROOMS_KNOWN;
}

static inline void give_profile(struct fixture *fixture, const struct uuid *user)
{
    profiles_give(fixture->rooms, user->text, &profiles_defaults, NULL, 0);
}

/* An event of that type, with an id of its own. */
static inline struct live_event event_by_masha(struct fixture *fixture, enum live_event_type type)
{
    return (struct live_event){
        .type = type,
        .msg_id = ++fixture->message_id,
        .room_id = ROOM_ID,
        .display_key = "",
        .user =
            {.id = MASHA, .nickname = "Masha", .display_id = "masha", .sec_uid = "", .avatar = ""},
    };
}

static inline void say(struct fixture *fixture, const char *name, const char *text)
{
    struct live_event chat = event_by_masha(fixture, LIVE_CHAT);
    chat.chat.content = text;
    chat.chat.language = "";
    rooms_take_event(fixture->rooms, name, &chat);
}

static inline void expect(struct fixture *fixture, const struct uuid *user, const char *text)
{
    listener_expect(&fixture->listener, user, text);
}

/* Nobody was told anything since: the next event is this one. */
static inline void expect_silence(struct fixture *fixture)
{
    struct uuid sentinel;
    uuid_make(&sentinel);
    publisher_send(fixture->listener.publisher, sentinel.text, "1", (struct slice){"{}", 2});
    expect(fixture, &sentinel, "{}");
}

/* Media is asked this next, with text in it. */
static inline void expect_media(struct fixture *fixture, const char *subject, const char *text)
{
    natsMsg *message = NULL;
    assert_int_equal(natsSubscription_NextMsg(&message, fixture->media, LONG_MS), NATS_OK);
    assert_string_equal(natsMsg_GetSubject(message), subject);
    if (!strstr(natsMsg_GetData(message), text))
        fail_msg("no %s in %s", text, natsMsg_GetData(message));
    natsMsg_Destroy(message);
}
