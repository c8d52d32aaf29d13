/* SPDX-License-Identifier: MIT */
/* With the real ttb-audio of the same build; tests are skipped where it has not been built. */
#include "services/media/sounds/leveller.h"

#include "services/media/sounds/files.h"
#include "services/media/sounds/level.h"
#include "tests/unit/services/media/audio/sounds.h"
#include "tests/unit/services/media/sounds/fixture.h"

#include "tests/support/await.h"
#include "tests/support/worker_program.h"

#include <math.h>

#define BYTES_MAX 102400

static const struct media_config config = {
    .sound_max_bytes = BYTES_MAX,
    .sound_max_seconds = 5,
    .sound_normalise = true,
    .sound_loudness_lufs = -16,
    .sound_bytes_per_user = 10 * BYTES_MAX,
};

static char program[PATH_MAX];

static int find_program(void **state)
{
    worker_program_find("ttb-audio", program);
    return sounds_set_up(state) || fixture_make_schema(state);
}

static struct audio *open_audio(const char *path)
{
    const struct audio_options options = {
        .program = path,
        .name = "level",
        .workers = 1,
        .time_limit_ms = 60000,
        .is_background = true,
    };
    return audio_new(&options);
}

/* A quiet sound, stored as an upload stores it. */
static void store(struct place *place, const char *filename, const char *make)
{
    AUTO_SOUND(file);
    sounds_make(make, &file);
    struct new_sound sound = {.file = buffer_slice(&file),
                              .about = {.duration_ms = 2000, .format = "wav"}};
    filename_clean(filename, &sound.name);
    struct filename got;
    place->library.bytes_max = 10 * BYTES_MAX;
    assert_int_equal(library_add(&place->library, place->call, USER, &sound, &got), STATUS_OK);
    assert_string_equal(got.text, filename);
}

#define QUIET "-f lavfi -i sine=f=440:r=16000:d=2 -af volume=-20dB "

static struct level level_of(struct place *place, struct audio *audio)
{
    return (struct level){
        .root = place->root.fd, .config = &config, .audio = audio, .call = *place->call};
}

static double loudness_of_file(struct place *place, const char *filename)
{
    AUTO_SOUND(file);
    double lufs, peak_dbtp;
    assert_int_equal(files_read(place->root.fd, USER, filename, &file), STATUS_OK);
    sounds_measure(buffer_slice(&file), &lufs, &peak_dbtp);
    return lufs;
}

static struct audio *open_or_skip(void)
{
    if (access(program, X_OK) != 0)
        skip();
    return open_audio(program);
}

static void a_quiet_sound_becomes_as_loud_as_all(void **state)
{
    struct place *place = *state;
    AUTO(audio_free) struct audio *audio = open_or_skip();
    struct level level = level_of(place, audio);
    store(place, "a.wav", QUIET "a.wav");
    assert_true(loudness_of_file(place, "a.wav") < -30);
    assert_int_equal(level_next(&level), STATUS_OK);
    assert_true(fabs(loudness_of_file(place, "a.wav") - -16) < 0.5);
    assert_int_equal(fixture_sql("select count(*) from media.sounds where is_levelled"
                                 "  and loudness_lufs between -45 and -30 and gain_db > 10"),
                     1);
    AUTO_SOUND(file);
    assert_int_equal(files_read(place->root.fd, USER, "a.wav", &file), STATUS_OK);
    assert_int_equal(fixture_sql("select bytes from media.sounds"), file.size);
    assert_int_equal(level_next(&level), STATUS_NOT_FOUND);
}

static void nothing_is_copied_when_that_is_switched_off(void **state)
{
    struct place *place = *state;
    AUTO(audio_free) struct audio *audio = open_or_skip();
    struct level level = level_of(place, audio);
    struct media_config as_it_is = config;
    as_it_is.sound_normalise = false;
    level.config = &as_it_is;
    store(place, "a.wav", QUIET "a.wav");
    assert_int_equal(level_next(&level), STATUS_OK);
    assert_true(loudness_of_file(place, "a.wav") < -30);
    assert_int_equal(fixture_sql("select count(*) from media.sounds where is_levelled"
                                 "  and loudness_lufs < -30 and gain_db = 0"),
                     1);
}

/* It was decoded once, when it came; that it can't be now must not stop the others. */
static void what_cannot_be_measured_stays_as_it_is(void **state)
{
    struct place *place = *state;
    AUTO(audio_free) struct audio *audio = open_or_skip();
    struct level level = level_of(place, audio);
    struct new_sound sound = place_sound("a.wav", 100);
    struct filename got;
    assert_int_equal(library_add(&place->library, place->call, USER, &sound, &got), STATUS_OK);
    assert_int_equal(level_next(&level), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from media.sounds where is_levelled"
                                 "  and loudness_lufs is null and bytes = 100"),
                     1);
    assert_int_equal(level_next(&level), STATUS_NOT_FOUND);
}

static void a_sound_without_a_file_keeps_nobody_waiting(void **state)
{
    struct place *place = *state;
    AUTO(audio_free) struct audio *audio = open_audio("/bin/false");
    struct level level = level_of(place, audio);
    fixture_add(place->call, USER, "a.wav");
    assert_int_equal(level_next(&level), STATUS_OK);
    assert_int_equal(level_next(&level), STATUS_NOT_FOUND);
}

static void what_cannot_be_levelled_now_does_not_hold_up_the_others(void **state)
{
    struct place *place = *state;
    AUTO(audio_free) struct audio *audio = open_or_skip();
    struct level level = level_of(place, audio);
    store(place, "a.wav", QUIET "a.wav");
    store(place, "b.wav", QUIET "b.wav");
    assert_int_equal(unlinkat(place->root.fd, SOUNDS_FOLDER "/" USER "/a.wav", 0), 0);
    assert_int_equal(symlinkat("b.wav", place->root.fd, SOUNDS_FOLDER "/" USER "/a.wav"), 0);
    assert_int_equal(level_next(&level), STATUS_OK); /* passed over */
    assert_int_equal(fixture_sql("select count(*) from media.sounds where is_levelled"), 0);
    assert_int_equal(level_next(&level), STATUS_OK);
    assert_int_equal(fixture_sql("select count(*) from media.sounds where is_levelled"
                                 "  and filename = 'b.wav'"),
                     1);
    assert_int_equal(level_next(&level), STATUS_NOT_FOUND);
    assert_int_equal(level_next(&level), STATUS_OK); /* the next pass tries it again */
}

/* A daemon died after it had put the copy there: it is the copy that the row must describe. */
static void a_copy_without_its_row_is_what_is_noted(void **state)
{
    struct place *place = *state;
    AUTO(audio_free) struct audio *audio = open_or_skip();
    struct level level = level_of(place, audio);
    store(place, "a.wav", QUIET "a.wav");
    AUTO_SOUND(copy);
    sounds_make("-f lavfi -i sine=f=440:r=16000:d=1 -af volume=-2dB a.mp3", &copy);
    assert_int_equal(files_replace(place->root.fd, USER, "a.wav", buffer_slice(&copy)), STATUS_OK);
    struct media_config as_it_is = config;
    as_it_is.sound_normalise = false;
    level.config = &as_it_is;
    assert_int_equal(level_next(&level), STATUS_OK);
    assert_int_equal(fixture_sql("select bytes from media.sounds where format = 'mp3'"), copy.size);
}

static void a_copy_that_its_user_has_no_room_for_is_not_made(void **state)
{
    struct place *place = *state;
    AUTO(audio_free) struct audio *audio = open_or_skip();
    struct level level = level_of(place, audio);
    static const char small[] = QUIET "-c:a pcm_u8 a.wav"; /* its copy has 16 bits */
    store(place, "a.wav", small);
    int64_t bytes = fixture_sql("select bytes from media.sounds");
    struct media_config narrow = config;
    narrow.sound_bytes_per_user = (uint64_t)bytes + 100;
    level.config = &narrow;
    assert_int_equal(level_next(&level), STATUS_OK);
    assert_int_equal(fixture_sql("select bytes from media.sounds where is_levelled"), bytes);
    assert_true(loudness_of_file(place, "a.wav") < -30);
}

static void what_is_stored_while_it_runs_is_levelled(void **state)
{
    struct place *place = *state;
    AUTO(audio_free) struct audio *audio = open_or_skip();
    store(place, "left.wav", QUIET "left.wav"); /* by a daemon that died */
    const struct pg_options database = {.url = DATABASE_URL, .application_name = "leveller_test"};
    const struct leveller_options options = {
        .root = place->root.fd, .config = &config, .database = &database, .audio = audio};
    struct leveller *leveller = leveller_start(&options);
    AWAIT(fixture_sql("select count(*) from media.sounds where is_levelled") == 1);
    store(place, "new.wav", QUIET "new.wav");
    leveller_tell(leveller, 0); /* does not wait */
    AWAIT(fixture_sql("select count(*) from media.sounds where is_levelled") == 2);
    leveller_stop(leveller);
    assert_true(fabs(loudness_of_file(place, "left.wav") - -16) < 0.5);
    assert_true(fabs(loudness_of_file(place, "new.wav") - -16) < 0.5);
}

static void who_uploads_one_sound_waits_for_it(void **state)
{
    struct place *place = *state;
    AUTO(audio_free) struct audio *audio = open_or_skip();
    const struct pg_options database = {.url = DATABASE_URL, .application_name = "leveller_test"};
    const struct leveller_options options = {
        .root = place->root.fd, .config = &config, .database = &database, .audio = audio};
    struct leveller *leveller = leveller_start(&options);
    store(place, "a.wav", QUIET "a.wav");
    leveller_tell(leveller, 60000);
    assert_int_equal(fixture_sql("select count(*) from media.sounds where is_levelled"), 1);
    leveller_stop(leveller);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(a_quiet_sound_becomes_as_loud_as_all),
        PLACE_TEST(nothing_is_copied_when_that_is_switched_off),
        PLACE_TEST(what_cannot_be_measured_stays_as_it_is),
        PLACE_TEST(a_sound_without_a_file_keeps_nobody_waiting),
        PLACE_TEST(what_cannot_be_levelled_now_does_not_hold_up_the_others),
        PLACE_TEST(a_copy_without_its_row_is_what_is_noted),
        PLACE_TEST(a_copy_that_its_user_has_no_room_for_is_not_made),
        PLACE_TEST(what_is_stored_while_it_runs_is_levelled),
        PLACE_TEST(who_uploads_one_sound_waits_for_it),
    };
    return cmocka_run_group_tests(tests, find_program, sounds_tear_down);
}
