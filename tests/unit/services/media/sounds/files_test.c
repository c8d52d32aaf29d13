/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/files.h"

#include "tests/unit/services/media/sounds/folder.h"

#include <sched.h>
#include <sys/mount.h>

#define FOLDER SOUNDS_FOLDER "/" USER

static int set_up(void **state)
{
    static struct media_root root;
    *state = &root;
    return root_make(&root);
}

static int tear_down(void **state)
{
    return root_remove(*state);
}

static struct slice bytes_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static struct draft write_draft(const struct media_root *root, const char *text)
{
    struct draft draft;
    assert_int_equal(draft_write(root->fd, USER, bytes_of(text), &draft), STATUS_OK);
    assert_true(draft_name_is(draft.name));
    return draft;
}

static void assert_content(const struct media_root *root, const char *path, const char *expected)
{
    char content[64] = "";
    int fd = openat(root->fd, path, O_RDONLY);
    assert_true(fd >= 0);
    assert_true(read(fd, content, sizeof(content) - 1) >= 0);
    close(fd);
    assert_string_equal(content, expected);
}

static void a_draft_gets_its_name(void **state)
{
    const struct media_root *root = *state;
    struct draft draft = write_draft(root, "boom");
    assert_false(root_has(root, FOLDER "/boom.wav"));
    assert_int_equal(draft_publish(&draft, "boom.wav"), STATUS_OK);
    draft_done(&draft);
    assert_content(root, FOLDER "/boom.wav", "boom");
    assert_int_equal(root_count(root, FOLDER), 1);
}

static void a_file_can_be_read_by_all_and_written_by_us(void **state)
{
    const struct media_root *root = *state;
    struct draft draft = write_draft(root, "boom");
    assert_int_equal(draft_publish(&draft, "boom.wav"), STATUS_OK);
    draft_done(&draft);
    struct stat info;
    assert_int_equal(fstatat(root->fd, FOLDER "/boom.wav", &info, 0), 0);
    assert_int_equal(info.st_mode & 0777, 0644);
}

static void a_file_is_never_written_over(void **state)
{
    const struct media_root *root = *state;
    struct draft first = write_draft(root, "first"), second = write_draft(root, "second");
    assert_int_equal(draft_publish(&first, "boom.wav"), STATUS_OK);
    assert_int_equal(draft_publish(&second, "boom.wav"), STATUS_CONFLICT);
    assert_int_equal(draft_publish(&second, "boom_2.wav"), STATUS_OK);
    draft_done(&first);
    draft_done(&second);
    assert_content(root, FOLDER "/boom.wav", "first");
    assert_content(root, FOLDER "/boom_2.wav", "second");
}

static void a_draft_that_is_given_up_leaves_nothing(void **state)
{
    const struct media_root *root = *state;
    struct draft draft = write_draft(root, "boom");
    assert_int_equal(root_count(root, FOLDER), 1);
    draft_done(&draft);
    assert_int_equal(root_count(root, FOLDER), 0);
}

static void nothing_is_written_through_a_symbolic_link(void **state)
{
    const struct media_root *root = *state;
    assert_int_equal(mkdirat(root->fd, "elsewhere", 0755), 0);
    assert_int_equal(mkdirat(root->fd, SOUNDS_FOLDER, 0755), 0);
    assert_int_equal(symlinkat("../elsewhere", root->fd, FOLDER), 0);
    struct draft draft;
    assert_int_equal(draft_write(root->fd, USER, bytes_of("boom"), &draft), STATUS_UNAVAILABLE);
    assert_int_equal(root_count(root, "elsewhere"), 0);
}

static void a_folder_that_went_is_made_again(void **state)
{
    const struct media_root *root = *state;
    struct draft draft = write_draft(root, "boom");
    draft_done(&draft);
    assert_int_equal(unlinkat(root->fd, FOLDER, AT_REMOVEDIR), 0);
    draft = write_draft(root, "boom");
    draft_done(&draft);
    assert_int_equal(root_count(root, FOLDER), 0);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
    const struct media_root *root = *state;
    root_touch(root, SOUNDS_FOLDER);
    struct draft draft;
    assert_int_equal(draft_write(root->fd, USER, bytes_of("boom"), &draft), STATUS_UNAVAILABLE);
}

static void write_file(const struct media_root *root, const char *filename, const char *text)
{
    struct draft draft = write_draft(root, text);
    assert_int_equal(draft_publish(&draft, filename), STATUS_OK);
    draft_done(&draft);
}

static void a_file_can_be_replaced_at_once(void **state)
{
    const struct media_root *root = *state;
    write_file(root, "boom.wav", "boom");
    int reader = openat(root->fd, FOLDER "/boom.wav", O_RDONLY);
    assert_int_equal(files_replace(root->fd, USER, "boom.wav", bytes_of("louder")), STATUS_OK);
    assert_content(root, FOLDER "/boom.wav", "louder");
    assert_int_equal(root_count(root, FOLDER), 1);
    char old[8] = "";
    assert_int_equal(read(reader, old, sizeof(old)), 4); /* who reads the old one has it whole */
    assert_string_equal(old, "boom");
    close(reader);
}

static void a_file_is_read_whole_or_not_at_all(void **state)
{
    const struct media_root *root = *state;
    AUTO_BUFFER(content, 4);
    assert_int_equal(files_read(root->fd, USER, "boom.wav", &content), STATUS_NOT_FOUND);
    write_file(root, "boom.wav", "boom");
    write_file(root, "long.wav", "booom");
    assert_int_equal(files_read(root->fd, USER, "boo.wav", &content), STATUS_NOT_FOUND);
    assert_int_equal(files_read(root->fd, USER, "boom.wav", &content), STATUS_OK);
    assert_string_equal(buffer_text(&content), "boom");
    buffer_clear(&content);
    assert_int_equal(files_read(root->fd, USER, "long.wav", &content), STATUS_UNAVAILABLE);
    assert_int_equal(symlinkat("boom.wav", root->fd, FOLDER "/link.wav"), 0);
    buffer_clear(&content);
    assert_int_equal(files_read(root->fd, USER, "link.wav", &content), STATUS_UNAVAILABLE);
}

static void drafts_are_known_by_their_names(void **state)
{
    (void)state;
    assert_true(draft_name_is(DRAFT));
    static const char *const others[] = {
        ".tmp-",  ".tmp-0123456789abcde",  ".tmp-0123456789abcdef0",
        "boom",   ".tmp-0123456789abcdeF", "tmp-0123456789abcdef",
        ".other", ".tmp-0123456789abcde/"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(draft_name_is(others[i]));
}

static void a_missing_file_is_known(void **state)
{
    const struct media_root *root = *state;
    assert_true(files_is_missing(root->fd, USER, "boom.wav"));
    root_touch(root, FOLDER "/boom.wav");
    assert_false(files_is_missing(root->fd, USER, "boom.wav"));
    assert_true(files_is_missing(root->fd, USER, "other.wav"));
}

static void a_user_is_erased_with_every_file_and_nobody_else(void **state)
{
    const struct media_root *root = *state;
    root_touch(root, FOLDER "/boom.wav");
    root_touch(root, FOLDER "/" DRAFT);
    root_touch(root, SOUNDS_FOLDER "/" OTHER_USER "/boom.wav");
    unsigned files = 0;
    assert_int_equal(files_erase(root->fd, USER, &files), STATUS_OK);
    assert_int_equal(files, 2);
    assert_false(root_has(root, FOLDER));
    assert_true(root_has(root, SOUNDS_FOLDER "/" OTHER_USER "/boom.wav"));
    assert_int_equal(files_erase(root->fd, USER, &files), STATUS_OK);
    assert_int_equal(files, 0);
}

static void what_cannot_be_erased_is_told(void **state)
{
    const struct media_root *root = *state;
    root_touch(root, FOLDER "/more/boom.wav");
    unsigned files = 0;
    assert_int_equal(files_erase(root->fd, USER, &files), STATUS_UNAVAILABLE);
}

/* ---- a full disk ---- */

/* Mounts a file system of that size at the root's path, for this process alone; its end is the
 * process's. */
static void mount_small_disk(struct media_root *root, const char *size)
{
    if ((geteuid() != 0 && unshare(CLONE_NEWUSER) != 0) || unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", root->path, "tmpfs", 0, size) != 0)
        skip();
    close(root->fd);
    root->fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(root->fd >= 0);
}

static void unmount_small_disk(struct media_root *root)
{
    close(root->fd);
    assert_int_equal(umount(root->path), 0);
    root->fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void a_full_disk_is_told_and_keeps_nothing_half_written(void **state)
{
    struct media_root *root = *state;
    mount_small_disk(root, "size=64k");
    static char large[128 * 1024];
    struct draft draft;
    assert_int_equal(draft_write(root->fd, USER, (struct slice){large, sizeof(large)}, &draft),
                     STATUS_NO_SPACE);
    assert_int_equal(root_count(root, FOLDER), 0);
    draft = write_draft(root, "small");
    assert_int_equal(draft_publish(&draft, "small.wav"), STATUS_OK);
    draft_done(&draft);
    unmount_small_disk(root);
}

static void a_disk_without_inodes_is_full(void **state)
{
    struct media_root *root = *state;
    mount_small_disk(root, "nr_inodes=3");
    struct draft draft;
    assert_int_equal(draft_write(root->fd, USER, bytes_of("boom"), &draft), STATUS_NO_SPACE);
    unmount_small_disk(root);
}

#define FILES_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILES_TEST(a_draft_gets_its_name),
        FILES_TEST(a_file_can_be_read_by_all_and_written_by_us),
        FILES_TEST(a_file_is_never_written_over),
        FILES_TEST(a_draft_that_is_given_up_leaves_nothing),
        FILES_TEST(nothing_is_written_through_a_symbolic_link),
        FILES_TEST(a_folder_that_went_is_made_again),
        FILES_TEST(a_folder_that_cannot_be_made_is_told),
        FILES_TEST(a_file_can_be_replaced_at_once),
        FILES_TEST(a_file_is_read_whole_or_not_at_all),
        FILES_TEST(drafts_are_known_by_their_names),
        FILES_TEST(a_missing_file_is_known),
        FILES_TEST(a_user_is_erased_with_every_file_and_nobody_else),
        FILES_TEST(what_cannot_be_erased_is_told),
        FILES_TEST(a_full_disk_is_told_and_keeps_nothing_half_written),
        FILES_TEST(a_disk_without_inodes_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
