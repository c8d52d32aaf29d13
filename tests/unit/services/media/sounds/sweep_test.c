/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/sweep.h"

#include "lib/base/text.h"
#include "tests/unit/services/media/sounds/fixture.h"

#include <pthread.h>

#define FOLDER SOUNDS_FOLDER "/" USER
#define OTHER_FOLDER SOUNDS_FOLDER "/" OTHER_USER
#define NOW_S 1000000
#define MANY 700 /* several batches */

static struct swept sweep(const struct place *place)
{
    const struct sweep_options options = {
        .root = place->root.fd, .call = place->call, .now_s = NOW_S};
    struct swept swept;
    assert_int_equal(sweep_sounds(&options, &swept), STATUS_OK);
    return swept;
}

static void assert_swept(const struct place *place, struct swept expected)
{
    struct swept swept = sweep(place);
    assert_int_equal(swept.files, expected.files);
    assert_int_equal(swept.drafts, expected.drafts);
    assert_int_equal(swept.folders, expected.folders);
    assert_int_equal(swept.missing, expected.missing);
}

static void without_any_folder_there_is_nothing_to_sweep(void **state)
{
    assert_swept(*state, (struct swept){0});
}

static void what_belongs_together_stays(void **state)
{
    struct place *place = *state;
    place_add(place, "a.wav", "a.wav");
    place_add(place, "b.wav", "b.wav");
    assert_swept(place, (struct swept){0});
    assert_int_equal(root_count(&place->root, FOLDER), 2);
}

static void a_file_without_a_row_goes(void **state)
{
    struct place *place = *state;
    place_add(place, "a.wav", "a.wav");
    root_touch(&place->root, FOLDER "/orphan.wav");
    root_touch(&place->root, OTHER_FOLDER "/a.wav");
    assert_swept(place, (struct swept){.files = 2, .folders = 1});
    assert_true(root_has(&place->root, FOLDER "/a.wav"));
    assert_int_equal(root_count(&place->root, FOLDER), 1);
    assert_false(root_has(&place->root, OTHER_FOLDER));
}

static void an_old_draft_goes_and_a_young_one_stays(void **state)
{
    struct place *place = *state;
    root_touch(&place->root, FOLDER "/" DRAFT);
    root_touch(&place->root, FOLDER "/.tmp-0000000000000000");
    root_make_old(&place->root, FOLDER "/" DRAFT, NOW_S - 61);
    root_make_old(&place->root, FOLDER "/.tmp-0000000000000000", NOW_S - 60);
    assert_swept(place, (struct swept){.drafts = 1});
    assert_true(root_has(&place->root, FOLDER "/.tmp-0000000000000000"));
}

static void what_is_not_ours_stays(void **state)
{
    struct place *place = *state;
    static const char *const foreign[] = {
        SOUNDS_FOLDER "/README", SOUNDS_FOLDER "/not-a-user/a.wav",
        FOLDER "/.nfs0001",      FOLDER "/with blank.wav",
        FOLDER "/folder/a.wav",  FOLDER "/.tmp-mine",
        "tts/" USER "/a.mp3",    SOUNDS_FOLDER "/AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee/a.wav",
    };
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
        root_touch(&place->root, foreign[i]);
        root_make_old(&place->root, foreign[i], 1);
    }
    assert_int_equal(symlinkat("a.wav", place->root.fd, FOLDER "/link.wav"), 0);
    assert_int_equal(symlinkat("not-a-user", place->root.fd, OTHER_FOLDER), 0);
    assert_swept(place, (struct swept){0});
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
        assert_true(root_has(&place->root, foreign[i]));
}

static void a_row_without_a_file_is_told_and_stays(void **state)
{
    struct place *place = *state;
    place_add(place, "a.wav", "a.wav");
    place_add(place, "b.wav", "b.wav");
    fixture_add(place->call, OTHER_USER, "c.wav");
    assert_int_equal(unlinkat(place->root.fd, FOLDER "/b.wav", 0), 0);
    assert_swept(place, (struct swept){.missing = 2});
    assert_int_equal(fixture_sql("select count(*) from media.sounds"), 3);
}

static void many_files_are_swept_in_batches(void **state)
{
    struct place *place = *state;
    char path[128];
    fixture_add(place->call, USER, "000.wav");
    fixture_sql("insert into media.sounds (user_id, filename, bytes, duration_ms, format, gain_db)"
                "  select '" USER "', to_char(n, 'FM000') || '.wav', 1, 1, 'wav', 0"
                "  from generate_series(1, 699) as n where n % 7 > 0");
    for (int i = 0; i < MANY; i++) {
        snprintf(path, sizeof(path), FOLDER "/%03d.wav", i);
        root_touch(&place->root, path);
    }
    assert_swept(place, (struct swept){.files = MANY / 7 - 1});
    assert_int_equal(root_count(&place->root, FOLDER), MANY - MANY / 7 + 1);
    assert_swept(place, (struct swept){0});
}

static bool stop_at_once(void *closure)
{
    (void)closure;
    return true;
}

static void a_sweep_stops_when_it_must(void **state)
{
    struct place *place = *state;
    root_touch(&place->root, FOLDER "/orphan.wav");
    const struct sweep_options options = {
        .root = place->root.fd, .call = place->call, .now_s = NOW_S, .must_stop = stop_at_once};
    struct swept swept;
    assert_int_equal(sweep_sounds(&options, &swept), STATUS_OK);
    assert_true(root_has(&place->root, FOLDER "/orphan.wav"));
}

static void without_a_database_nothing_is_removed(void **state)
{
    struct place *place = *state;
    root_touch(&place->root, FOLDER "/orphan.wav");
    const struct pg_options nowhere = {.url = "postgresql://127.0.0.1:1/none"};
    struct call call = {.arena = place->call->arena, .db = pg_new(&nowhere)};
    const struct sweep_options options = {.root = place->root.fd, .call = &call, .now_s = NOW_S};
    struct swept swept;
    assert_int_equal(sweep_sounds(&options, &swept), STATUS_UNAVAILABLE);
    assert_true(root_has(&place->root, FOLDER "/orphan.wav"));
    pg_free(call.db);
}

/* ---- beside an upload ---- */

struct sweeping {
    const struct place *place;
    struct call *call; /* the sweeper's */
    pthread_t thread;
    struct swept swept;
};

static void *sweep_beside(void *closure)
{
    struct sweeping *sweeping = closure;
    const struct sweep_options options = {
        .root = sweeping->place->root.fd, .call = sweeping->call, .now_s = NOW_S};
    assert_int_equal(sweep_sounds(&options, &sweeping->swept), STATUS_OK);
    return NULL;
}

static void wait_for_the_lock(void)
{
    for (int i = 0; i < 1000; i++) {
        if (fixture_sql("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") > 0)
            return;
        clock_sleep_ms(10);
    }
    fail_msg("the sweeper does not wait for the upload");
}

/* An upload that holds the lock, whose file has its name and whose row is not committed yet. */
static enum status upload_slowly(struct pg *pg, void *closure)
{
    (void)pg;
    struct sweeping *sweeping = closure;
    struct call *call = sweeping->place->call;
    assert_int_equal(owners_lock(call, USER, NULL), STATUS_OK);
    root_touch(&sweeping->place->root, FOLDER "/a.wav");
    assert_int_equal(pthread_create(&sweeping->thread, NULL, sweep_beside, sweeping), 0);
    wait_for_the_lock();
    fixture_add(call, USER, "a.wav");
    return STATUS_OK;
}

static void a_sound_that_is_being_added_is_waited_for(void **state)
{
    struct place *place = *state;
    struct sweeping sweeping = {.place = place, .call = fixture_call()};
    assert_int_equal(pg_transaction(place->call->db, upload_slowly, &sweeping), STATUS_OK);
    pthread_join(sweeping.thread, NULL);
    assert_int_equal(sweeping.swept.files, 0);
    assert_true(root_has(&place->root, FOLDER "/a.wav"));
    fixture_free(sweeping.call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(without_any_folder_there_is_nothing_to_sweep),
        PLACE_TEST(what_belongs_together_stays),
        PLACE_TEST(a_file_without_a_row_goes),
        PLACE_TEST(an_old_draft_goes_and_a_young_one_stays),
        PLACE_TEST(what_is_not_ours_stays),
        PLACE_TEST(a_row_without_a_file_is_told_and_stays),
        PLACE_TEST(many_files_are_swept_in_batches),
        PLACE_TEST(a_sweep_stops_when_it_must),
        PLACE_TEST(without_a_database_nothing_is_removed),
        PLACE_TEST(a_sound_that_is_being_added_is_waited_for),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
