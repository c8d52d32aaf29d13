/* SPDX-License-Identifier: MIT */
/* What the recordings don't hold; recorded_test.c has the rest. */
#include "services/events/webcast/decode.h"

#include "gen/webcast.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fixture {
    struct arena *arena;
    struct live_event event;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (!fixture)
        abort();
    fixture->arena = arena_new(DECODE_ARENA_BYTES);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static enum decode_result decode(struct fixture *fixture, const char *method,
                                 const ProtobufCMessage *message)
{
    AUTO(free) void *bytes = malloc(protobuf_c_message_get_packed_size(message) + 1);
    struct slice payload = {bytes, protobuf_c_message_pack(message, bytes)};
    return decode_message(method, payload, fixture->arena, &fixture->event);
}

static void a_message_of_an_unknown_method_is_told_apart(void **state)
{
    struct fixture *fixture = *state;
    const struct slice payload = {"\xff", 1};
    assert_int_equal(decode_message("WebcastNewMessage", payload, fixture->arena, &fixture->event),
                     DECODE_UNKNOWN);
}

static void a_message_that_is_cut_off_is_broken(void **state)
{
    struct fixture *fixture = *state;
    const struct slice payload = {"\x1a\x7f.", 3}; /* content of 127 bytes, of which one is there */
    assert_int_equal(decode_message("WebcastChatMessage", payload, fixture->arena, &fixture->event),
                     DECODE_BROKEN);
}

/* Every part of a message may be absent. */
static void an_empty_message_of_any_method_does_no_harm(void **state)
{
    static const struct {
        const char *method;
        enum decode_result result;
    } cases[] = {
        {"WebcastChatMessage", DECODE_EVENT},
        {"WebcastEmoteChatMessage", DECODE_EVENT},
        {"WebcastGiftMessage", DECODE_EVENT},
        {"WebcastLikeMessage", DECODE_EVENT},
        {"WebcastMemberMessage", DECODE_NOTHING},
        {"WebcastUnauthorizedMemberMessage", DECODE_EVENT},
        {"WebcastSocialMessage", DECODE_NOTHING},
        {"WebcastSubNotifyMessage", DECODE_EVENT},
        {"WebcastRoomUserSeqMessage", DECODE_EVENT},
        {"WebcastControlMessage", DECODE_EVENT},
        {"WebcastQuestionNewMessage", DECODE_NOTHING},
        {"WebcastLiveIntroMessage", DECODE_EVENT},
        {"WebcastCaptionMessage", DECODE_EVENT},
        {"WebcastImDeleteMessage", DECODE_EVENT},
        {"WebcastRoomPinMessage", DECODE_EVENT},
        {"WebcastEnvelopeMessage", DECODE_NOTHING},
        {"WebcastBarrageMessage", DECODE_EVENT},
        {"WebcastLinkMicBattle", DECODE_EVENT},
        {"WebcastLinkMicArmies", DECODE_EVENT},
        {"WebcastRoomMessage", DECODE_EVENT},
        {"RoomMessage", DECODE_EVENT},
        {"WebcastGoalUpdateMessage", DECODE_EVENT},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct slice payload = {"", 0};
        assert_int_equal(decode_message(cases[i].method, payload, fixture->arena, &fixture->event),
                         cases[i].result);
        if (cases[i].result == DECODE_EVENT)
            assert_string_equal(fixture->event.user.nickname, "");
    }
}

static void a_members_action_decides_what_it_is(void **state)
{
    struct fixture *fixture = *state;
    Webcast__WebcastMemberMessage member = WEBCAST__WEBCAST_MEMBER_MESSAGE__INIT;
    member.action = 1;
    assert_int_equal(decode(fixture, "WebcastMemberMessage", &member.base), DECODE_EVENT);
    assert_int_equal(fixture->event.type, LIVE_JOIN);
    member.action = 3;
    assert_int_equal(decode(fixture, "WebcastMemberMessage", &member.base), DECODE_EVENT);
    assert_int_equal(fixture->event.type, LIVE_SUBSCRIBE);
    member.action = 12; /* a moderator's doing */
    assert_int_equal(decode(fixture, "WebcastMemberMessage", &member.base), DECODE_NOTHING);
}

static void somebody_without_an_account_joins_by_nickname(void **state)
{
    struct fixture *fixture = *state;
    Webcast__WebcastUnauthorizedMemberMessage member =
        WEBCAST__WEBCAST_UNAUTHORIZED_MEMBER_MESSAGE__INIT;
    member.nick_name = (char *)"guest";
    assert_int_equal(decode(fixture, "WebcastUnauthorizedMemberMessage", &member.base),
                     DECODE_EVENT);
    assert_int_equal(fixture->event.type, LIVE_JOIN);
    assert_string_equal(fixture->event.user.nickname, "guest");
}

static void assert_social(struct fixture *fixture, int64_t action, const char *key,
                          enum live_event_type type)
{
    Webcast__DisplayText text = WEBCAST__DISPLAY_TEXT__INIT;
    Webcast__Common common = WEBCAST__COMMON__INIT;
    Webcast__WebcastSocialMessage social = WEBCAST__WEBCAST_SOCIAL_MESSAGE__INIT;
    text.key = (char *)key;
    common.display_text = &text;
    social.common = &common;
    social.action = action;
    assert_int_equal(decode(fixture, "WebcastSocialMessage", &social.base), DECODE_EVENT);
    assert_int_equal(fixture->event.type, type);
}

static void a_social_messages_action_counts_before_its_key(void **state)
{
    struct fixture *fixture = *state;
    assert_social(fixture, 1, "pm_mt_guidance_share", LIVE_FOLLOW);
    assert_social(fixture, 3, "pm_main_follow_message_viewer_2", LIVE_SHARE);
    assert_social(fixture, 0, "pm_main_follow_message_viewer_2", LIVE_FOLLOW);
    assert_social(fixture, 9, "pm_mt_guidance_viewer_5_share", LIVE_SHARE);
}

static void control_tells_pause_resume_end_and_suspension(void **state)
{
    static const enum live_control_kind kinds[] = {LIVE_CONTROL_OTHER,     LIVE_CONTROL_PAUSE,
                                                   LIVE_CONTROL_RESUME,    LIVE_CONTROL_END,
                                                   LIVE_CONTROL_SUSPENDED, LIVE_CONTROL_OTHER};
    struct fixture *fixture = *state;
    for (int32_t action = 0; action < (int32_t)ARRAY_LEN(kinds); action++) {
        Webcast__WebcastControlMessage control = WEBCAST__WEBCAST_CONTROL_MESSAGE__INIT;
        control.action = action;
        assert_int_equal(decode(fixture, "WebcastControlMessage", &control.base), DECODE_EVENT);
        assert_int_equal(fixture->event.control.kind, kinds[action]);
    }
}

static void a_gift_without_its_description_has_no_price(void **state)
{
    struct fixture *fixture = *state;
    Webcast__WebcastGiftMessage gift = WEBCAST__WEBCAST_GIFT_MESSAGE__INIT;
    gift.gift_id = 5655;
    gift.repeat_count = 2;
    assert_int_equal(decode(fixture, "WebcastGiftMessage", &gift.base), DECODE_EVENT);
    assert_false(fixture->event.gift.has_price);
    assert_string_equal(fixture->event.gift.name, "");
    assert_string_equal(fixture->event.gift.image, "");
}

static void check_gift_image(struct fixture *fixture, Webcast__Image *image, Webcast__Image *icon,
                             const char *expected)
{
    Webcast__Gift description = WEBCAST__GIFT__INIT;
    Webcast__WebcastGiftMessage gift = WEBCAST__WEBCAST_GIFT_MESSAGE__INIT;
    description.image = image;
    description.icon = icon;
    gift.gift = &description;
    assert_int_equal(decode(fixture, "WebcastGiftMessage", &gift.base), DECODE_EVENT);
    assert_string_equal(fixture->event.gift.image, expected);
}

static void a_gifts_picture_is_its_image_or_else_its_icon(void **state)
{
    struct fixture *fixture = *state;
    char *first[] = {"https://one.invalid/image", "https://two.invalid/image"};
    char *other[] = {"https://one.invalid/icon"};
    Webcast__Image image = WEBCAST__IMAGE__INIT;
    Webcast__Image icon = WEBCAST__IMAGE__INIT;
    Webcast__Image nothing = WEBCAST__IMAGE__INIT;
    image.url_list = first;
    image.n_url_list = ARRAY_LEN(first);
    icon.url_list = other;
    icon.n_url_list = ARRAY_LEN(other);
    check_gift_image(fixture, &image, &icon, first[0]);
    check_gift_image(fixture, NULL, &icon, other[0]);
    check_gift_image(fixture, &nothing, &icon, other[0]);
    check_gift_image(fixture, &nothing, NULL, "");
    check_gift_image(fixture, NULL, NULL, "");
}

static void long_lists_are_cut(void **state)
{
    struct fixture *fixture = *state;
    Webcast__Contributor contributor = WEBCAST__CONTRIBUTOR__INIT;
    Webcast__Contributor *ranks[DECODE_LIST_MAX + 50];
    for (size_t i = 0; i < ARRAY_LEN(ranks); i++)
        ranks[i] = &contributor;
    Webcast__WebcastRoomUserSeqMessage viewers = WEBCAST__WEBCAST_ROOM_USER_SEQ_MESSAGE__INIT;
    viewers.n_ranks = ARRAY_LEN(ranks);
    viewers.ranks = ranks;
    assert_int_equal(decode(fixture, "WebcastRoomUserSeqMessage", &viewers.base), DECODE_EVENT);
    assert_int_equal(fixture->event.viewers.rank_count, DECODE_LIST_MAX);
}

static enum decode_result decode_badges(struct fixture *fixture, size_t count)
{
    AUTO(free) Webcast__BadgeStruct **badges = calloc(count, sizeof(*badges));
    assert_non_null(badges);
    Webcast__BadgeStruct badge = WEBCAST__BADGE_STRUCT__INIT;
    for (size_t i = 0; i < count; i++)
        badges[i] = &badge;
    Webcast__User user = WEBCAST__USER__INIT;
    user.badge_list = badges;
    user.n_badge_list = count;
    Webcast__WebcastChatMessage chat = WEBCAST__WEBCAST_CHAT_MESSAGE__INIT;
    chat.user = &user;
    return decode(fixture, "WebcastChatMessage", &chat.base);
}

/* An empty badge is three bytes long, and unpacks to a hundred. */
static void a_message_that_unpacks_past_the_limit_is_broken(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(decode_badges(fixture, 1000), DECODE_EVENT);
    arena_reset(fixture->arena);
    assert_int_equal(decode_badges(fixture, 300000), DECODE_BROKEN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_message_of_an_unknown_method_is_told_apart),
        TEST(a_message_that_is_cut_off_is_broken),
        TEST(an_empty_message_of_any_method_does_no_harm),
        TEST(a_members_action_decides_what_it_is),
        TEST(somebody_without_an_account_joins_by_nickname),
        TEST(a_social_messages_action_counts_before_its_key),
        TEST(control_tells_pause_resume_end_and_suspension),
        TEST(a_gift_without_its_description_has_no_price),
        TEST(a_gifts_picture_is_its_image_or_else_its_icon),
        TEST(long_lists_are_cut),
        TEST(a_message_that_unpacks_past_the_limit_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
