/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/library.h"

#include "lib/base/text.h"
#include "tests/unit/services/media/sounds/fixture.h"
#include "tests/unit/services/media/sounds/proxy.h"

#include <pthread.h>
#include <stdatomic.h>

#define FOLDER SOUNDS_FOLDER "/" USER
#define RACERS 16

static enum status add(struct place *place, const char *name, size_t size)
{
    struct new_sound sound = place_sound(name, size);
    struct filename got;
    place->call->error = NULL;
    return library_add(&place->library, place->call, USER, &sound, &got);
}

static int64_t count_rows(void)
{
    return fixture_sql("select count(*) from media.sounds");
}

/* ---- adding ---- */

static void a_sound_has_a_row_and_a_file(void **state)
{
    struct place *place = *state;
    place_add(place, "boom.wav", "boom.wav");
    struct stat info;
    assert_int_equal(fstatat(place->root.fd, FOLDER "/boom.wav", &info, 0), 0);
    assert_int_equal(info.st_size, 100);
    assert_int_equal(fixture_sql("select bytes from media.sounds where filename = 'boom.wav'"),
                     100);
    assert_int_equal(root_count(&place->root, FOLDER), 1);
}

static void a_taken_name_is_numbered(void **state)
{
    struct place *place = *state;
    place_add(place, "boom.wav", "boom.wav");
    place_add(place, "boom.wav", "boom_2.wav");
    place_add(place, "boom.wav", "boom_3.wav");
    assert_int_equal(root_count(&place->root, FOLDER), 3);
    assert_int_equal(count_rows(), 3);
}

static void a_file_without_a_row_keeps_its_name(void **state)
{
    struct place *place = *state;
    root_touch(&place->root, FOLDER "/boom.wav");
    root_touch(&place->root, FOLDER "/boom_2.wav");
    place_add(place, "boom.wav", "boom_3.wav");
}

static void there_is_room_for_so_many_sounds(void **state)
{
    struct place *place = *state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(add(place, "boom.wav", 1), STATUS_OK);
    assert_int_equal(add(place, "boom.wav", 1), STATUS_CONFLICT);
    assert_string_equal(place->call->error, "too many sounds");
    assert_int_equal(root_count(&place->root, FOLDER), 3);
}

static void there_is_room_for_so_many_bytes(void **state)
{
    struct place *place = *state;
    assert_int_equal(add(place, "boom.wav", 999), STATUS_OK);
    assert_int_equal(add(place, "boom.wav", 2), STATUS_CONFLICT);
    assert_string_equal(place->call->error, "sounds take too much space");
    assert_int_equal(add(place, "boom.wav", 1), STATUS_OK);
    assert_int_equal(root_count(&place->root, FOLDER), 2);
}

static void an_erased_user_gets_nothing_more(void **state)
{
    struct place *place = *state;
    int64_t sounds = 0;
    assert_int_equal(owners_erase(place->call, USER, &sounds), STATUS_OK);
    assert_int_equal(add(place, "boom.wav", 1), STATUS_UNAUTHENTICATED);
    assert_int_equal(root_count(&place->root, FOLDER), 0);
    assert_int_equal(count_rows(), 0);
}

/* ---- mishaps ---- */

static void make_mishap(const char *body, const char *when)
{
    char sql[512];
    snprintf(sql, sizeof(sql),
             "create or replace function media.mishap() returns trigger language plpgsql as"
             "  $$ begin %s; return null; end $$;"
             "create constraint trigger mishap after insert on media.sounds"
             "  deferrable initially %s for each row execute function media.mishap()",
             body, when);
    fixture_sql(sql);
}

static void a_row_that_is_refused_takes_its_file_along(void **state)
{
    struct place *place = *state;
    make_mishap("raise 'no'", "immediate");
    assert_int_equal(add(place, "boom.wav", 1), STATUS_INTERNAL);
    assert_int_equal(root_count(&place->root, FOLDER), 0);
}

static void a_commit_that_is_refused_takes_its_file_along(void **state)
{
    struct place *place = *state;
    make_mishap("raise 'no'", "deferred");
    assert_int_equal(add(place, "boom.wav", 1), STATUS_INTERNAL);
    assert_int_equal(root_count(&place->root, FOLDER), 0);
}

static void a_connection_that_dies_at_the_commit_leaves_the_file_to_the_sweeper(void **state)
{
    struct place *place = *state;
    make_mishap("perform pg_terminate_backend(pg_backend_pid())", "deferred");
    assert_int_equal(add(place, "boom.wav", 1), STATUS_UNAVAILABLE);
    assert_true(root_has(&place->root, FOLDER "/boom.wav"));
}

static void a_commit_that_nobody_hears_of_has_its_file(void **state)
{
    struct place *place = *state;
    struct proxy proxy;
    proxy_start(&proxy);
    const struct pg_options database = {.url = proxy.url, .application_name = "proxy_test"};
    struct call call = {.arena = place->call->arena, .db = pg_new(&database)};
    assert_int_equal(pg_connect(call.db), STATUS_OK);
    struct new_sound sound = place_sound("boom.wav", 1);
    struct filename got;
    assert_int_equal(library_add(&place->library, &call, USER, &sound, &got), STATUS_UNAVAILABLE);
    proxy_stop(&proxy);
    assert_int_equal(count_rows(), 1);
    assert_true(root_has(&place->root, FOLDER "/boom.wav"));
    pg_free(call.db);
}

static void without_a_database_nothing_stays(void **state)
{
    struct place *place = *state;
    const struct pg_options nowhere = {.url = "postgresql://127.0.0.1:1/none"};
    struct call call = {.arena = place->call->arena, .db = pg_new(&nowhere)};
    struct new_sound sound = place_sound("boom.wav", 1);
    struct filename got;
    assert_int_equal(library_add(&place->library, &call, USER, &sound, &got), STATUS_UNAVAILABLE);
    assert_int_equal(root_count(&place->root, FOLDER), 0);
    pg_free(call.db);
}

/* ---- races ---- */

struct race {
    struct library library;
    const char *names[RACERS];
    atomic_int started;
    atomic_int won;
    atomic_int next;
};

static void *add_in_race(void *closure)
{
    struct race *race = closure;
    struct call *call = fixture_call();
    struct new_sound sound = place_sound(race->names[atomic_fetch_add(&race->next, 1)], 1);
    struct filename got;
    atomic_fetch_add(&race->started, 1);
    while (atomic_load(&race->started) < RACERS)
        sched_yield();
    enum status status = library_add(&race->library, call, USER, &sound, &got);
    atomic_fetch_add(&race->won, status == STATUS_OK);
    fixture_free(call);
    return NULL;
}

static void run_race(struct race *race)
{
    pthread_t threads[RACERS];
    for (size_t i = 0; i < RACERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_in_race, race), 0);
    for (size_t i = 0; i < RACERS; i++)
        pthread_join(threads[i], NULL);
}

static void of_many_at_once_only_those_are_stored_that_there_is_room_for(void **state)
{
    struct place *place = *state;
    struct race race = {.library = place->library};
    race.library.sounds_max = 1;
    for (size_t i = 0; i < RACERS; i++)
        race.names[i] = arena_printf(place->call->arena, "%zu.wav", i);
    run_race(&race);
    assert_int_equal(race.won, 1);
    assert_int_equal(count_rows(), 1);
    assert_int_equal(root_count(&place->root, FOLDER), 1);
}

static void many_of_one_name_at_once_get_names_of_their_own(void **state)
{
    struct place *place = *state;
    struct race race = {.library = place->library};
    race.library.sounds_max = RACERS;
    for (size_t i = 0; i < RACERS; i++)
        race.names[i] = "boom.wav";
    run_race(&race);
    assert_int_equal(race.won, RACERS);
    assert_int_equal(count_rows(), RACERS);
    assert_int_equal(root_count(&place->root, FOLDER), RACERS);
    assert_true(root_has(&place->root, FOLDER "/boom_16.wav"));
}

/* ---- deleting and using ---- */

static void a_deleted_sound_is_gone_from_both(void **state)
{
    struct place *place = *state;
    place_add(place, "boom.wav", "boom.wav");
    assert_int_equal(library_delete(&place->library, place->call, USER, "boom.wav"), STATUS_OK);
    assert_int_equal(root_count(&place->root, FOLDER), 0);
    assert_int_equal(count_rows(), 0);
    assert_int_equal(library_delete(&place->library, place->call, USER, "boom.wav"),
                     STATUS_NOT_FOUND);
    place_add(place, "boom.wav", "boom.wav");
}

static void what_belongs_to_another_is_not_deleted(void **state)
{
    struct place *place = *state;
    place_add(place, "boom.wav", "boom.wav");
    assert_int_equal(library_delete(&place->library, place->call, OTHER_USER, "boom.wav"),
                     STATUS_NOT_FOUND);
    assert_int_equal(
        library_delete(&place->library, place->call, OTHER_USER, "../" USER "/boom.wav"),
        STATUS_NOT_FOUND);
    assert_true(root_has(&place->root, FOLDER "/boom.wav"));
}

static void a_sound_in_use_keeps_row_and_file(void **state)
{
    struct place *place = *state;
    struct call *call = place->call;
    place_add(place, "boom.wav", "boom.wav");
    assert_int_equal(library_use(call, USER, TRIGGER, "boom.wav"), STATUS_OK);
    assert_int_equal(library_delete(&place->library, call, USER, "boom.wav"), STATUS_CONFLICT);
    assert_true(root_has(&place->root, FOLDER "/boom.wav"));
    assert_int_equal(library_use(call, USER, TRIGGER, NULL), STATUS_OK);
    assert_int_equal(library_delete(&place->library, call, USER, "boom.wav"), STATUS_OK);
}

static void only_a_sound_of_ones_own_is_used(void **state)
{
    struct place *place = *state;
    place_add(place, "boom.wav", "boom.wav");
    static const char *const names[] = {"none.wav", "", "../boom.wav", "бум.wav"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(library_use(place->call, USER, TRIGGER, names[i]), STATUS_NOT_FOUND);
    assert_int_equal(library_use(place->call, OTHER_USER, TRIGGER, "boom.wav"), STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(a_sound_has_a_row_and_a_file),
        PLACE_TEST(a_taken_name_is_numbered),
        PLACE_TEST(a_file_without_a_row_keeps_its_name),
        PLACE_TEST(there_is_room_for_so_many_sounds),
        PLACE_TEST(there_is_room_for_so_many_bytes),
        PLACE_TEST(an_erased_user_gets_nothing_more),
        PLACE_TEST(a_row_that_is_refused_takes_its_file_along),
        PLACE_TEST(a_commit_that_is_refused_takes_its_file_along),
        PLACE_TEST(a_connection_that_dies_at_the_commit_leaves_the_file_to_the_sweeper),
        PLACE_TEST(a_commit_that_nobody_hears_of_has_its_file),
        PLACE_TEST(without_a_database_nothing_stays),
        PLACE_TEST(of_many_at_once_only_those_are_stored_that_there_is_room_for),
        PLACE_TEST(many_of_one_name_at_once_get_names_of_their_own),
        PLACE_TEST(a_deleted_sound_is_gone_from_both),
        PLACE_TEST(what_belongs_to_another_is_not_deleted),
        PLACE_TEST(a_sound_in_use_keeps_row_and_file),
        PLACE_TEST(only_a_sound_of_ones_own_is_used),
    };
    return cmocka_run_group_tests(tests, fixture_make_schema, NULL);
}
