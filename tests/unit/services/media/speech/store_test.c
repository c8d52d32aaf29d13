/* SPDX-License-Identifier: MIT */
#include "services/media/speech/store.h"

#include "lib/base/clock.h"
#include "tests/support/folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define USER "11111111-2222-4333-8444-555555555555"
#define OTHER_USER "22222222-2222-4333-8444-555555555555"
#define ID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define OLD_MS INT64_C(1000000)
#define HOUR_MS (3600 * INT64_C(1000))

struct fixture {
    char folder[32];
    int root;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.folder = "/tmp/store_test.XXXXXX"};
    if (!mkdtemp(fixture.folder))
        return -1;
    fixture.root = speech_store_open(fixture.folder);
    *state = &fixture;
    return fixture.root < 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->root);
    return folder_remove(fixture->folder);
}

static bool exists(const struct fixture *fixture, const char *path)
{
    return faccessat(fixture->root, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void touch(const struct fixture *fixture, const char *path)
{
    int fd = openat(fixture->root, path, O_WRONLY | O_CREAT, 0644);
    assert_true(fd >= 0);
    close(fd);
}

static void make_old(const struct fixture *fixture, const char *path)
{
    struct timespec times[2] = {{.tv_sec = OLD_MS / 1000}, {.tv_sec = OLD_MS / 1000}};
    assert_int_equal(utimensat(fixture->root, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void put(const struct fixture *fixture, const char *user_id, const char *text,
                struct speech_path *ret_path)
{
    assert_true(speech_path_make(user_id, ID, ret_path));
    struct slice audio = {text, strlen(text)};
    assert_int_equal(speech_store_put(fixture->root, ret_path, audio), STATUS_OK);
}

static void speech_is_stored_whole_and_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct speech_path path;
    put(fixture, USER, "first version", &path);
    put(fixture, USER, "second", &path);
    int fd = openat(fixture->root, path.text, O_RDONLY);
    char content[32] = "";
    assert_int_equal(read(fd, content, sizeof(content) - 1), 6);
    assert_string_equal(content, "second");
    close(fd);
}

static void the_root_opens_again(void **state)
{
    struct fixture *fixture = *state;
    int again = speech_store_open(fixture->folder);
    assert_true(again >= 0);
    close(again);
}

/* Speech that was asked for then. */
static void put_of_time(const struct fixture *fixture, int64_t time_ms,
                        struct speech_path *ret_path)
{
    struct uuid id;
    uuid_make_timed(time_ms, &id);
    assert_true(speech_path_make(USER, id.text, ret_path));
    assert_int_equal(speech_store_put(fixture->root, ret_path, (struct slice){"x", 1}), STATUS_OK);
}

static void the_sweep_removes_what_is_old_by_its_id(void **state)
{
    struct fixture *fixture = *state;
    int64_t now_ms = clock_wall_ms();
    struct speech_path old, young, link_to_an_old_file;
    put_of_time(fixture, now_ms - HOUR_MS - 1000, &old);
    put_of_time(fixture, now_ms - HOUR_MS + 60000, &young);
    put_of_time(fixture, now_ms + 30000, &link_to_an_old_file); /* another machine's clock */
    make_old(fixture, link_to_an_old_file.text);
    assert_int_equal(speech_store_sweep(fixture->root, now_ms - HOUR_MS), 1);
    assert_false(exists(fixture, old.text));
    assert_true(exists(fixture, young.text));
    assert_true(exists(fixture, link_to_an_old_file.text));
}

static void an_id_that_can_not_be_right_goes_by_its_file(void **state)
{
    struct fixture *fixture = *state;
    int64_t now_ms = clock_wall_ms();
    struct speech_path of_tomorrow, old_of_tomorrow;
    put_of_time(fixture, now_ms + 24 * HOUR_MS, &of_tomorrow);
    put_of_time(fixture, now_ms + 24 * HOUR_MS, &old_of_tomorrow);
    make_old(fixture, old_of_tomorrow.text);
    assert_int_equal(speech_store_sweep(fixture->root, now_ms - HOUR_MS), 1);
    assert_true(exists(fixture, of_tomorrow.text));
    assert_false(exists(fixture, old_of_tomorrow.text));
}

static void the_sweep_removes_other_old_speech_and_empty_folders(void **state)
{
    struct fixture *fixture = *state;
    struct speech_path old, old_of_user;
    put(fixture, NULL, "x", &old);
    put(fixture, USER, "x", &old_of_user);
    touch(fixture, "tts/" USER "/.0123abcd." ID ".mp3");
    make_old(fixture, old.text);
    make_old(fixture, old_of_user.text);
    make_old(fixture, "tts/" USER "/.0123abcd." ID ".mp3");
    assert_int_equal(speech_store_sweep(fixture->root, OLD_MS + 1000), 3);
    assert_false(exists(fixture, old.text));
    assert_false(exists(fixture, "tts/" USER));
    assert_true(exists(fixture, "tts"));
}

static void the_sweep_keeps_what_is_being_written(void **state)
{
    struct fixture *fixture = *state;
    touch(fixture, "tts/.0123abcd." ID ".mp3");
    assert_int_equal(speech_store_sweep(fixture->root, clock_wall_ms()), 0);
    assert_true(exists(fixture, "tts/.0123abcd." ID ".mp3"));
}

static void the_sweep_keeps_what_is_young_or_not_ours(void **state)
{
    struct fixture *fixture = *state;
    struct speech_path young;
    put(fixture, USER, "x", &young);
    assert_int_equal(mkdirat(fixture->root, "sounds", 0755), 0);
    static const char *const foreign[] = {"tts/README", "tts/song.mp3", "tts/.cache/00/x.mp3",
                                          "sounds/old.mp3"};
    assert_int_equal(mkdirat(fixture->root, "tts/.cache", 0755), 0);
    assert_int_equal(mkdirat(fixture->root, "tts/.cache/00", 0755), 0);
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
        touch(fixture, foreign[i]);
        make_old(fixture, foreign[i]);
    }
    assert_int_equal(symlinkat("../sounds", fixture->root, "tts/" ID), 0);
    make_old(fixture, "tts/" ID);
    assert_int_equal(speech_store_sweep(fixture->root, OLD_MS + 1000), 0);
    assert_true(exists(fixture, young.text));
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
        assert_true(exists(fixture, foreign[i]));
}

static struct speech_folder folder_of_user(void)
{
    struct speech_folder folder;
    assert_true(speech_folder_make(USER, &folder));
    return folder;
}

static void a_user_is_erased_with_every_file_and_nobody_else(void **state)
{
    struct fixture *fixture = *state;
    struct speech_path mine, others, nobodys;
    put(fixture, USER, "x", &mine);
    put(fixture, OTHER_USER, "x", &others);
    put(fixture, NULL, "x", &nobodys);
    touch(fixture, "tts/" USER "/.0123abcd." ID ".mp3");
    touch(fixture, "tts/" USER "/notes.txt");
    struct speech_folder folder = folder_of_user();
    unsigned files = 0;
    assert_int_equal(speech_store_erase(fixture->root, &folder, &files), STATUS_OK);
    assert_int_equal(files, 3);
    assert_false(exists(fixture, "tts/" USER));
    assert_true(exists(fixture, others.text));
    assert_true(exists(fixture, nobodys.text));
}

static void a_user_can_be_erased_again(void **state)
{
    struct fixture *fixture = *state;
    struct speech_folder folder = folder_of_user();
    unsigned files = 1;
    assert_int_equal(speech_store_erase(fixture->root, &folder, &files), STATUS_OK);
    assert_int_equal(files, 0);
}

static void what_cannot_be_erased_is_told(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(mkdirat(fixture->root, "tts/" USER, 0755), 0);
    assert_int_equal(mkdirat(fixture->root, "tts/" USER "/more", 0755), 0);
    struct speech_folder folder = folder_of_user();
    unsigned files = 0;
    assert_int_equal(speech_store_erase(fixture->root, &folder, &files), STATUS_UNAVAILABLE);
}

static void one_file_is_removed_with_its_folder_once_that_is_empty(void **state)
{
    struct fixture *fixture = *state;
    struct speech_path path;
    put(fixture, USER, "x", &path);
    touch(fixture, "tts/" USER "/" USER ".mp3");
    speech_store_remove(fixture->root, &path);
    assert_false(exists(fixture, path.text));
    assert_true(exists(fixture, "tts/" USER "/" USER ".mp3"));
    assert_int_equal(unlinkat(fixture->root, "tts/" USER "/" USER ".mp3", 0), 0);
    speech_store_remove(fixture->root, &path);
    assert_false(exists(fixture, "tts/" USER));
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(speech_is_stored_whole_and_replaced),
        STORE_TEST(the_root_opens_again),
        STORE_TEST(the_sweep_removes_what_is_old_by_its_id),
        STORE_TEST(an_id_that_can_not_be_right_goes_by_its_file),
        STORE_TEST(the_sweep_removes_other_old_speech_and_empty_folders),
        STORE_TEST(the_sweep_keeps_what_is_being_written),
        STORE_TEST(the_sweep_keeps_what_is_young_or_not_ours),
        STORE_TEST(a_user_is_erased_with_every_file_and_nobody_else),
        STORE_TEST(a_user_can_be_erased_again),
        STORE_TEST(what_cannot_be_erased_is_told),
        STORE_TEST(one_file_is_removed_with_its_folder_once_that_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
