/* SPDX-License-Identifier: MIT */
/* A media root in a temporary folder. */
#pragma once

#include "lib/base/text.h"
#include "services/media/sounds/files.h"
#include "tests/support/folder.h"

#include <dirent.h>
#include <errno.h>
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
#define DRAFT ".tmp-0123456789abcdef"

struct media_root {
    char path[32];
    int fd;
};

static inline int root_make(struct media_root *root)
{
    *root = (struct media_root){.path = "/tmp/sounds_test.XXXXXX", .fd = -1};
    if (mkdtemp(root->path))
        root->fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root->fd < 0;
}

static inline int root_remove(struct media_root *root)
{
    close(root->fd);
    return folder_remove(root->path);
}

static inline bool root_has(const struct media_root *root, const char *path)
{
    return faccessat(root->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Makes a file, and the folders on the way. */
static inline void root_touch(const struct media_root *root, const char *path)
{
    char part[256];
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
        assert_true(mkdirat(root->fd, part, 0755) == 0 || errno == EEXIST);
    }
    int fd = openat(root->fd, path, O_WRONLY | O_CREAT, 0644);
    assert_true(fd >= 0);
    close(fd);
}

static inline void root_make_old(const struct media_root *root, const char *path, int64_t time_s)
{
    struct timespec times[2] = {{.tv_sec = time_s}, {.tv_sec = time_s}};
    assert_int_equal(utimensat(root->fd, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

/* Entries of a folder; -1 when there is none. */
static inline int root_count(const struct media_root *root, const char *path)
{
    int fd = openat(root->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries)
        return -1;
    int count = -2; /* "." and ".." */
    while (readdir(entries))
        count++;
    closedir(entries);
    return count;
}
