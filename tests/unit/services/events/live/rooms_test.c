/* SPDX-License-Identifier: MIT */
#include "services/events/live/rooms.h"

#include "lib/base/clock.h"
#include "tests/unit/services/events/live/rooms_fixture.h"

static void an_event_goes_to_those_who_watch_that_live(void **state)
{
    struct fixture *fixture = *state;
    struct uuid carl;
    uuid_make(&carl);
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    (void)keep(fixture, &fixture->bob, "two", NOW_MS);
    (void)keep(fixture, &carl, "two", NOW_MS);
    say(fixture, "one", "first");
    expect(fixture, &fixture->ann, "first");
    say(fixture, "two", "second");
    expect(fixture, &carl, "second");
    expect(fixture, &fixture->bob, "second");
    say(fixture, "three", "nobody");
    expect_silence(fixture);
    assert_int_equal(fixture->opened, 2);
}

static void who_watches_another_live_leaves_the_first_at_once(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "old", NOW_MS);
    (void)keep(fixture, &fixture->bob, "old", NOW_MS);
    (void)keep(fixture, &fixture->ann, "new", NOW_MS + 1);
    say(fixture, "old", "from the old one");
    expect(fixture, &fixture->bob, "from the old one");
    say(fixture, "new", "from the new one");
    expect(fixture, &fixture->ann, "from the new one");
    expect_silence(fixture);
}

static void who_comes_is_told_the_state_and_again_on_asking(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->bob, "one", NOW_MS);
    rooms_take_state(fixture->rooms, "one", "connected", "here", NULL);
    expect(fixture, &fixture->bob, "connected");
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    expect(fixture, &fixture->ann, "connected");
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    expect_silence(fixture);
    const struct watch again = {
        .user_id = fixture->ann.text, .username = "one", .state_wanted_us = 5};
    (void)rooms_keep(fixture->rooms, &again, NOW_MS);
    expect(fixture, &fixture->ann, "connected");
}

static void who_comes_back_to_a_live_is_told_the_state_again(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    rooms_take_state(fixture->rooms, "one", "connected", "here", NULL);
    expect(fixture, &fixture->ann, "connected");
    (void)keep(fixture, &fixture->ann, "two", NOW_MS);
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    expect(fixture, &fixture->ann, "connected");
}

static void an_error_is_told_with_its_code(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    rooms_take_state(fixture->rooms, "one", "offline", "no such TikTok user", "user_not_found");
    expect(fixture, &fixture->ann, "offline");
    expect(fixture, &fixture->ann, "user_not_found");
}

static void who_is_no_longer_kept_hears_nothing_more(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    (void)keep(fixture, &fixture->bob, "one", NOW_MS);
    rooms_sweep(fixture->rooms, NOW_MS);
    (void)keep(fixture, &fixture->bob, "one", NOW_MS + 1);
    rooms_sweep(fixture->rooms, NOW_MS + 1);
    say(fixture, "one", "only for Bob");
    expect(fixture, &fixture->bob, "only for Bob");
    expect_silence(fixture);
}

static void who_is_trusted_stays_that_long_unless_another_live_is_watched(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    (void)keep(fixture, &fixture->bob, "one", NOW_MS);
    rooms_keep_all(fixture->rooms, NOW_MS + 100);
    rooms_sweep(fixture->rooms, NOW_MS + 100);
    (void)keep(fixture, &fixture->bob, "two", NOW_MS + 100);
    say(fixture, "one", "trusted");
    expect(fixture, &fixture->ann, "trusted");
    rooms_sweep(fixture->rooms, NOW_MS + 101);
    say(fixture, "one", "too late");
    expect_silence(fixture);
}

static void a_forgotten_user_hears_nothing_and_may_come_again(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    rooms_forget(fixture->rooms, fixture->ann.text);
    rooms_forget(fixture->rooms, fixture->ann.text);
    say(fixture, "one", "forgotten");
    expect_silence(fixture);
    assert_true(keep(fixture, &fixture->ann, "one", NOW_MS));
    say(fixture, "one", "again");
    expect(fixture, &fixture->ann, "again");
}

static void a_live_that_nobody_watches_stays_open_while_it_is_ours(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    (void)keep(fixture, &fixture->bob, "two", NOW_MS);
    assert_int_equal(rooms_sweep(fixture->rooms, NOW_MS), 0);
    rooms_keep_open(fixture->rooms, "one", NOW_MS + 1);
    (void)keep(fixture, &fixture->bob, "two", NOW_MS + 1);
    assert_int_equal(rooms_sweep(fixture->rooms, NOW_MS + 1), 0);
    say(fixture, "one", "nobody hears this");
    expect_silence(fixture);
    (void)keep(fixture, &fixture->bob, "two", NOW_MS + 2);
    assert_int_equal(rooms_sweep(fixture->rooms, NOW_MS + 2), 1);
    assert_int_equal(fixture->closed, 1);
    assert_string_equal(fixture->last_closed, "one");
    rooms_keep_open(fixture->rooms, "one", NOW_MS + 2);
    assert_int_equal(fixture->opened, 2);
    (void)keep(fixture, &fixture->ann, "one", NOW_MS + 2);
    assert_int_equal(fixture->opened, 3);
}

static void a_live_that_is_anothers_closes_at_once_with_all_in_it(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    (void)keep(fixture, &fixture->bob, "two", NOW_MS);
    rooms_lose(fixture->rooms, "one");
    rooms_lose(fixture->rooms, "three");
    assert_int_equal(fixture->closed, 1);
    assert_string_equal(fixture->last_closed, "one");
    say(fixture, "one", "nobody hears this");
    say(fixture, "two", "Bob hears this");
    expect(fixture, &fixture->bob, "Bob hears this");
    expect_silence(fixture);
}

/* A message of Masha's streak. */
static struct live_event rose(int64_t count, bool is_last)
{
    return (struct live_event){
        .type = LIVE_GIFT,
        .msg_id = 1000 + count,
        .user = {.id = 7, .nickname = "Masha", .display_id = "masha", .sec_uid = "", .avatar = ""},
        .display_key = "",
        .gift = {.gift_id = 5655,
                 .name = "Rose",
                 .streakable = true,
                 .has_price = true,
                 .diamond_count = 1,
                 .group_id = 99,
                 .repeat_count = count,
                 .repeat_end = is_last},
    };
}

static bool is_stored(struct fixture *fixture, const char *subject, const char *text)
{
    natsMsg *message = NULL;
    bool found = js_GetLastMsg(&message, bus_jetstream(fixture->listener.own), "LIVE", subject,
                               NULL, NULL) == NATS_OK &&
                 strstr(natsMsg_GetData(message), text);
    natsMsg_Destroy(message);
    return found;
}

/* The first replica ended the streak when it heard no more of it; the second hears its late end. */
static void a_streak_that_two_replicas_end_is_stored_as_ended_once(void **state)
{
    struct fixture *fixture = *state;
    char subject[64];
    (void)snprintf(subject, sizeof(subject), "live.%s", fixture->ann.text);
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    struct live_event running = rose(3, false), last = rose(5, true);
    rooms_take_event(fixture->rooms, "one", &running);
    rooms_take_state(fixture->rooms, "one", "ended", "over", NULL);
    publisher_flush(fixture->listener.publisher, LONG_MS);
    assert_true(is_stored(fixture, subject, "\"ended\""));

    rooms_lose(fixture->rooms, "one");
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    rooms_take_event(fixture->rooms, "one", &running);
    rooms_take_event(fixture->rooms, "one", &last);
    publisher_flush(fixture->listener.publisher, LONG_MS);
    assert_true(is_stored(fixture, subject, "\"ended\""));
}

static void a_profile_is_asked_for_once_until_there_is_an_answer(void **state)
{
    struct fixture *fixture = *state;
    int64_t now_ms = clock_mono_ms();
    assert_true(keep(fixture, &fixture->ann, "one", now_ms));
    assert_false(keep(fixture, &fixture->ann, "one", now_ms + 600000));
    rooms_take_profile(fixture->rooms, fixture->ann.text, &(struct rooms_loaded){.profile = NULL});
    assert_false(keep(fixture, &fixture->ann, "one", now_ms));
    assert_true(keep(fixture, &fixture->ann, "one", now_ms + 600000));
    give_profile(fixture, &fixture->ann);
    assert_false(keep(fixture, &fixture->ann, "one", now_ms + 20000));
    assert_true(keep(fixture, &fixture->ann, "one", now_ms + 600000));
}

static enum rooms_wish wish(struct fixture *fixture, const char *name)
{
    const struct watch watch = {.user_id = fixture->ann.text, .username = name};
    return rooms_keep(fixture->rooms, &watch, clock_mono_ms());
}

static void who_comes_to_another_live_wants_what_is_remembered_of_it(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(wish(fixture, "one"), ROOMS_WANT_ALL);
    give_profile(fixture, &fixture->ann);
    assert_int_equal(wish(fixture, "one"), ROOMS_KNOWN);
    assert_int_equal(wish(fixture, "two"), ROOMS_WANT_ALL);
    assert_int_equal(wish(fixture, "two"), ROOMS_KNOWN);
    give_profile(fixture, &fixture->ann);
    assert_int_equal(wish(fixture, "two"), ROOMS_KNOWN);
}

static void what_was_remembered_of_the_live_before_is_not_all(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(wish(fixture, "one"), ROOMS_WANT_ALL);
    assert_int_equal(wish(fixture, "two"), ROOMS_KNOWN); /* it is being asked for already */
    give_profile(fixture, &fixture->ann);
    assert_int_equal(wish(fixture, "two"), ROOMS_WANT_ALL);
}

static void what_could_not_be_loaded_is_wanted_again_as_a_whole(void **state)
{
    struct fixture *fixture = *state;
    const struct rooms_loaded nothing = {.profile = NULL};
    give_profile(fixture, &fixture->ann);
    assert_int_equal(wish(fixture, "one"), ROOMS_WANT_ALL);
    rooms_take_profile(fixture->rooms, fixture->ann.text, &nothing);
    const struct watch watch = {.user_id = fixture->ann.text, .username = "one"};
    assert_int_equal(rooms_keep(fixture->rooms, &watch, clock_mono_ms() + 2000), ROOMS_WANT_ALL);
    give_profile(fixture, &fixture->ann);
    assert_int_equal(rooms_keep(fixture->rooms, &watch, clock_mono_ms() + 60000),
                     ROOMS_WANT_PROFILE);
}

static void a_profile_that_changed_is_wanted_at_once(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(wish(fixture, "one"), ROOMS_WANT_ALL);
    give_profile(fixture, &fixture->ann);
    assert_int_equal(wish(fixture, "one"), ROOMS_KNOWN);
    assert_int_equal(rooms_renew(fixture->rooms, fixture->ann.text), ROOMS_WANT_PROFILE);
    assert_int_equal(rooms_renew(fixture->rooms, fixture->bob.text), ROOMS_KNOWN);
}

static void a_profile_that_changes_while_it_is_loaded_is_loaded_again(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(wish(fixture, "one"), ROOMS_WANT_ALL);
    assert_int_equal(rooms_renew(fixture->rooms, fixture->ann.text), ROOMS_KNOWN);
    assert_int_equal(wish(fixture, "one"), ROOMS_KNOWN);
    give_profile(fixture, &fixture->ann);
    assert_int_equal(wish(fixture, "one"), ROOMS_WANT_PROFILE);
    give_profile(fixture, &fixture->ann);
    assert_int_equal(wish(fixture, "one"), ROOMS_KNOWN);
}

/* The news names no live: what is wanted of it is left to rooms_keep. */
static void a_change_does_not_make_forget_that_nothing_is_known_yet(void **state)
{
    struct fixture *fixture = *state;
    const struct rooms_loaded nothing = {.profile = NULL};
    assert_int_equal(wish(fixture, "one"), ROOMS_WANT_ALL);
    rooms_take_profile(fixture->rooms, fixture->ann.text, &nothing);
    assert_int_equal(wish(fixture, "one"), ROOMS_KNOWN);
    assert_int_equal(rooms_renew(fixture->rooms, fixture->ann.text), ROOMS_KNOWN);
    assert_int_equal(wish(fixture, "one"), ROOMS_WANT_ALL);
}

static void chat_is_spoken_for_who_wants_that(void **state)
{
    struct fixture *fixture = *state;
    (void)keep(fixture, &fixture->ann, "one", NOW_MS);
    say(fixture, "one", "not known yet");
    expect(fixture, &fixture->ann, "\"message\":\"not known yet\"");
    give_profile(fixture, &fixture->ann);
    say(fixture, "one", "spoken");
    expect(fixture, &fixture->ann, "\"tts_url\":\"http://media/static/tts/");
    (void)keep(fixture, &fixture->ann, "two", NOW_MS);
    say(fixture, "two", "spoken in the other live");
    expect(fixture, &fixture->ann, "\"tts_url\":\"http://media/static/tts/");
    give_profile(fixture, &fixture->bob); /* who is gone */
}

static void many_users_in_many_lives_are_told_apart(void **state)
{
    enum { USERS = 300, LIVES = 7 };
    struct fixture *fixture = *state;
    static struct uuid users[USERS];
    char name[24];
    for (int i = 0; i < USERS; i++) {
        uuid_make(&users[i]);
        (void)snprintf(name, sizeof(name), "live_%d", i % LIVES);
        (void)keep(fixture, &users[i], name, NOW_MS);
    }
    assert_int_equal(fixture->opened, LIVES);
    for (int i = 0; i < USERS; i++) {
        if (i != 123)
            rooms_forget(fixture->rooms, users[i].text);
    }
    for (int live = 0; live < LIVES; live++) {
        (void)snprintf(name, sizeof(name), "live_%d", live);
        say(fixture, name, name);
    }
    (void)snprintf(name, sizeof(name), "live_%d", 123 % LIVES);
    expect(fixture, &users[123], name);
    expect_silence(fixture);
}

static void who_finds_no_place_is_told_so_once_in_a_while(void **state)
{
    struct fixture *fixture = *state;
    struct uuid user;
    for (int i = 0; i < ROOM_WATCHERS_MAX; i++) {
        uuid_make(&user);
        assert_true(keep(fixture, &user, "one", NOW_MS));
    }
    assert_false(keep(fixture, &fixture->ann, "one", NOW_MS));
    expect(fixture, &fixture->ann, "\"code\":\"overloaded\"");
    assert_false(keep(fixture, &fixture->ann, "one", NOW_MS + 29999));
    expect_silence(fixture);
    assert_false(keep(fixture, &fixture->ann, "one", NOW_MS + 30000));
    expect(fixture, &fixture->ann, "\"code\":\"overloaded\"");
    rooms_forget(fixture->rooms, user.text);
    assert_true(keep(fixture, &fixture->ann, "one", NOW_MS + 30001));
}

#define ROOMS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOMS_TEST(an_event_goes_to_those_who_watch_that_live),
        ROOMS_TEST(who_watches_another_live_leaves_the_first_at_once),
        ROOMS_TEST(who_comes_is_told_the_state_and_again_on_asking),
        ROOMS_TEST(who_comes_back_to_a_live_is_told_the_state_again),
        ROOMS_TEST(an_error_is_told_with_its_code),
        ROOMS_TEST(who_is_no_longer_kept_hears_nothing_more),
        ROOMS_TEST(who_is_trusted_stays_that_long_unless_another_live_is_watched),
        ROOMS_TEST(a_forgotten_user_hears_nothing_and_may_come_again),
        ROOMS_TEST(a_live_that_nobody_watches_stays_open_while_it_is_ours),
        ROOMS_TEST(a_live_that_is_anothers_closes_at_once_with_all_in_it),
        ROOMS_TEST(a_streak_that_two_replicas_end_is_stored_as_ended_once),
        ROOMS_TEST(a_profile_is_asked_for_once_until_there_is_an_answer),
        ROOMS_TEST(who_comes_to_another_live_wants_what_is_remembered_of_it),
        ROOMS_TEST(what_was_remembered_of_the_live_before_is_not_all),
        ROOMS_TEST(what_could_not_be_loaded_is_wanted_again_as_a_whole),
        ROOMS_TEST(a_profile_that_changed_is_wanted_at_once),
        ROOMS_TEST(a_profile_that_changes_while_it_is_loaded_is_loaded_again),
        ROOMS_TEST(a_change_does_not_make_forget_that_nothing_is_known_yet),
        ROOMS_TEST(chat_is_spoken_for_who_wants_that),
        ROOMS_TEST(who_finds_no_place_is_told_so_once_in_a_while),
        ROOMS_TEST(many_users_in_many_lives_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
