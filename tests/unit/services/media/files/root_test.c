/* SPDX-License-Identifier: MIT */
#include "services/media/files/root.h"

#include "lib/base/text.h"
#include "tests/support/folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char folder[32];
    int outside;
    int root;
};

static void make_file(int folder, const char *name, const char *content)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.folder = "/tmp/root_test.XXXXXX"};
    if (!mkdtemp(fixture.folder))
        return -1;
    fixture.outside = open(fixture.folder, O_RDONLY | O_DIRECTORY);
    if (mkdirat(fixture.outside, "root", 0755) != 0)
        return -1;
    fixture.root = openat(fixture.outside, "root", O_RDONLY | O_DIRECTORY);
    make_file(fixture.outside, "secret", "secret");
    make_file(fixture.root, "a.mp3", "12345");
    *state = &fixture;
    return mkdirat(fixture.root, "sounds", 0755);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->root);
    close(fixture->outside);
    return folder_remove(fixture->folder);
}

static void files_below_the_root_are_opened(void **state)
{
    struct fixture *fixture = *state;
    make_file(fixture->root, "sounds/b", "");
    struct media_file file;
    assert_true(root_open_file(fixture->root, "a.mp3", &file));
    assert_int_equal(file.size, 5);
    close(file.fd);
    assert_true(root_open_file(fixture->root, "sounds/b", &file));
    assert_int_equal(file.size, 0);
    close(file.fd);
}

static void nothing_else_is_opened(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(symlinkat("../secret", fixture->root, "link"), 0);
    assert_int_equal(symlinkat("/etc/passwd", fixture->root, "absolute"), 0);
    assert_int_equal(symlinkat("a.mp3", fixture->root, "inner"), 0);
    assert_int_equal(symlinkat("..", fixture->root, "up"), 0);
    assert_int_equal(mkfifoat(fixture->root, "fifo", 0644), 0);
    make_file(fixture->root, ".hidden", "x");
    make_file(fixture->root, "sounds/.temporary", "x");
    static const char *const paths[] = {
        "",
        "/",
        "sounds",
        "sounds/",
        "missing",
        "../secret",
        "./a.mp3",
        "link",
        "absolute",
        "inner",
        "up/secret",
        "fifo",
        "/etc/passwd",
        ".hidden",
        "a.mp3/",
        "sounds//../x",
        "sounds/.temporary",
        "sounds/../a.mp3",
        "//a.mp3",
        "..",
    };
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct media_file file;
        assert_false(root_open_file(fixture->root, paths[i], &file));
    }
}

static void the_tag_changes_with_the_file(void **state)
{
    struct fixture *fixture = *state;
    struct media_file before, same, after;
    assert_true(root_open_file(fixture->root, "a.mp3", &before));
    assert_true(root_open_file(fixture->root, "a.mp3", &same));
    make_file(fixture->root, "b.mp3", "54321");
    assert_int_equal(renameat(fixture->root, "b.mp3", fixture->root, "a.mp3"), 0);
    assert_true(root_open_file(fixture->root, "a.mp3", &after));
    assert_string_equal(before.etag, same.etag);
    assert_string_not_equal(before.etag, after.etag);
    assert_true(before.etag[0] == '"' && before.etag[strlen(before.etag) - 1] == '"');
    close(before.fd);
    close(same.fd);
    close(after.fd);
}

#define ROOT_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOT_TEST(files_below_the_root_are_opened),
        ROOT_TEST(nothing_else_is_opened),
        ROOT_TEST(the_tag_changes_with_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
