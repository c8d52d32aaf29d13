/* SPDX-License-Identifier: MIT */
#include "services/media/speech/disk.h"

#include "lib/base/clock.h"
#include "tests/support/folder.h"
#include "tests/support/small_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define PATH "a/b/file.mp3"
#define OTHER "a/c/other.mp3"

struct fixture {
    char folder[32];
    int root;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.folder = "/tmp/disk_test.XXXXXX"};
    if (!mkdtemp(fixture.folder))
        return -1;
    fixture.root = open(fixture.folder, O_RDONLY | O_DIRECTORY);
    *state = &fixture;
    return fixture.root < 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->root);
    return folder_remove(fixture->folder);
}

static void put(const struct fixture *fixture, const char *path, const char *text)
{
    assert_int_equal(speech_disk_write(fixture->root, path, (struct slice){text, strlen(text)}),
                     STATUS_OK);
}

static void assert_content(const struct fixture *fixture, const char *path, const char *expected)
{
    char content[64] = "";
    int fd = openat(fixture->root, path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, content, sizeof(content) - 1), strlen(expected));
    close(fd);
    assert_string_equal(content, expected);
}

static struct stat stat_of(const struct fixture *fixture, const char *path)
{
    struct stat info;
    assert_int_equal(fstatat(fixture->root, path, &info, 0), 0);
    return info;
}

static unsigned count_entries(const struct fixture *fixture, const char *name)
{
    AUTO(closedir) DIR *folder = speech_disk_open_folder(fixture->root, name);
    assert_non_null(folder);
    unsigned count = 0;
    while (readdir(folder))
        count++;
    return count - 2; /* "." and ".." */
}

static void a_file_is_written_with_its_folders_and_replaced(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, PATH, "first version");
    put(fixture, PATH, "second");
    assert_content(fixture, PATH, "second");
    assert_int_equal(count_entries(fixture, "a/b"), 1);
}

static void a_failed_write_leaves_nothing_behind(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a/b/x.mp3", "x");
    assert_int_equal(mkdirat(fixture->root, PATH, 0755), 0); /* the name is taken */
    assert_int_equal(speech_disk_write(fixture->root, PATH, (struct slice){"x", 1}),
                     STATUS_UNAVAILABLE);
    assert_int_equal(count_entries(fixture, "a/b"), 2);
}

static void a_full_disk_is_told_and_keeps_nothing_of_a_half_written_file(void **state)
{
    struct fixture *fixture = *state;
    int disk = small_disk_open(fixture->folder);
    if (disk < 0)
        skip();
    static char large[2 * SMALL_DISK_BYTES];
    assert_int_equal(speech_disk_write(disk, PATH, (struct slice){"x", 1}), STATUS_OK);
    assert_int_equal(speech_disk_write(disk, OTHER, (struct slice){large, sizeof(large)}),
                     STATUS_NO_SPACE);
    AUTO(closedir) DIR *folder = speech_disk_open_folder(disk, "a/c");
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        assert_true(*entry->d_name == '.' && strlen(entry->d_name) <= 2);
    assert_int_equal(speech_disk_write(disk, OTHER, (struct slice){"x", 1}), STATUS_OK);
    close(disk);
    small_disk_close(fixture->folder);
}

static void a_copy_is_a_file_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, PATH, "content");
    assert_int_equal(speech_disk_copy(fixture->root, PATH, OTHER), STATUS_OK);
    assert_content(fixture, OTHER, "content");
    assert_int_not_equal(stat_of(fixture, PATH).st_ino, stat_of(fixture, OTHER).st_ino);
    assert_int_equal(speech_disk_copy(fixture->root, "a/none.mp3", OTHER), STATUS_NOT_FOUND);
    assert_content(fixture, OTHER, "content");
}

static void a_link_is_the_same_file(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, PATH, "content");
    assert_int_equal(speech_disk_link(fixture->root, PATH, OTHER), 0);
    assert_int_equal(stat_of(fixture, PATH).st_ino, stat_of(fixture, OTHER).st_ino);
    assert_int_equal(count_entries(fixture, "a/c"), 1);
}

static void a_link_takes_the_name_of_another_file(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, PATH, "content");
    put(fixture, OTHER, "former");
    assert_int_equal(speech_disk_link(fixture->root, PATH, OTHER), 0);
    assert_content(fixture, OTHER, "content");
    assert_int_equal(speech_disk_link(fixture->root, PATH, OTHER), 0); /* its own, too */
    assert_content(fixture, OTHER, "content");
}

static void what_is_not_there_is_not_linked(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(speech_disk_link(fixture->root, PATH, OTHER), ENOENT);
    assert_null(speech_disk_open_folder(fixture->root, "a"));
    put(fixture, OTHER, "former");
    assert_int_equal(speech_disk_link(fixture->root, PATH, OTHER), ENOENT);
    assert_content(fixture, OTHER, "former");
}

static void only_old_hidden_files_of_ours_are_left_behind(void **state)
{
    struct fixture *fixture = *state;
    int64_t now_s = clock_wall_ms() / 1000;
    static const char *const names[] = {".01234567.x.mp3", "x.mp3", ".x", ".mp3"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        int fd = openat(fixture->root, names[i], O_WRONLY | O_CREAT, 0644);
        assert_true(fd >= 0);
        close(fd);
    }
    assert_int_equal(mkdirat(fixture->root, ".folder.mp3", 0755), 0);
    assert_false(speech_disk_is_left_behind(fixture->root, names[0], now_s + 50));
    assert_true(speech_disk_is_left_behind(fixture->root, names[0], now_s + 70));
    for (size_t i = 1; i < ARRAY_LEN(names); i++)
        assert_false(speech_disk_is_left_behind(fixture->root, names[i], now_s + 70));
    assert_false(speech_disk_is_left_behind(fixture->root, ".folder.mp3", now_s + 70));
    assert_false(speech_disk_is_left_behind(fixture->root, ".none.mp3", now_s + 70));
}

#define DISK_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DISK_TEST(a_file_is_written_with_its_folders_and_replaced),
        DISK_TEST(a_failed_write_leaves_nothing_behind),
        DISK_TEST(a_full_disk_is_told_and_keeps_nothing_of_a_half_written_file),
        DISK_TEST(a_copy_is_a_file_of_its_own),
        DISK_TEST(a_link_is_the_same_file),
        DISK_TEST(a_link_takes_the_name_of_another_file),
        DISK_TEST(what_is_not_there_is_not_linked),
        DISK_TEST(only_old_hidden_files_of_ours_are_left_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
