/* SPDX-License-Identifier: MIT */
#include "services/media/speech/disk.h"

#include "lib/base/text.h"
#include "lib/base/uuid.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#define ATTEMPTS 4 /* to get into a folder that a sweeper removes whenever it is empty */
#define COPY_BYTES 65536
#define LEFT_BEHIND_S 60

static enum status status_of_errno(void)
{
    return errno == ENOSPC || errno == EDQUOT ? STATUS_NO_SPACE : STATUS_UNAVAILABLE;
}

/* All folders of the path. */
static void make_folders(int root, const char *path)
{
    char folder[PATH_MAX];
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
        mkdirat(root, folder, 0755);
    }
}

/* ---- writing ---- */

static void name_temporary(const char *path, char out[static PATH_MAX])
{
    unsigned char random[4];
    char hex[2 * sizeof(random) + 1];
    random_bytes(random, sizeof(random));
    text_hex(random, sizeof(random), hex);
    const char *name = strrchr(path, '/') + 1;
    snprintf(out, PATH_MAX, "%.*s.%s.%s", (int)(name - path), path, hex, name);
}

static int create(int root, const char *temporary)
{
    int fd = -1;
    for (int i = 0; i < ATTEMPTS && fd < 0; i++) {
        fd = openat(root, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0 && errno != ENOENT)
            break;
        if (fd < 0)
            make_folders(root, temporary);
    }
    return fd;
}

static bool write_full(int fd, const void *data, size_t size)
{
    for (const char *at = data; size > 0;) {
        ssize_t put = write(fd, at, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        size -= (size_t)put;
    }
    return true;
}

static bool copy_all(int from, int to)
{
    char bytes[COPY_BYTES];
    ssize_t got;
    while ((got = read(from, bytes, sizeof(bytes))) > 0)
        if (!write_full(to, bytes, (size_t)got))
            return false;
    return got == 0;
}

/* Content from data or, where that is NULL, from the descriptor. */
static enum status replace(int root, const char *path, const struct slice *data, int from)
{
    char temporary[PATH_MAX];
    name_temporary(path, temporary);
    int fd = create(root, temporary);
    if (fd < 0)
        return status_of_errno();

    bool is_put = data ? write_full(fd, data->data, data->size) : copy_all(from, fd);
    enum status status = is_put ? STATUS_OK : status_of_errno();
    if (close(fd) != 0 && status == STATUS_OK) /* where NFS says that its disk is full */
        status = status_of_errno();
    if (status == STATUS_OK && renameat(root, temporary, root, path) != 0)
        status = status_of_errno();
    if (status != STATUS_OK)
        unlinkat(root, temporary, 0);
    return status;
}

enum status speech_disk_write(int root, const char *path, struct slice data)
{
    return replace(root, path, &data, -1);
}

enum status speech_disk_copy(int root, const char *from, const char *path)
{
    int fd = openat(root, from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? STATUS_NOT_FOUND : status_of_errno();
    enum status status = replace(root, path, NULL, fd);
    close(fd);
    return status;
}

/* ---- linking ---- */

/* That the file is missing and that the new name's folder is are one errno. */
int speech_disk_link(int root, const char *from, const char *path)
{
    int failed = ENOENT;
    for (int i = 0; i < ATTEMPTS; i++) {
        if (linkat(root, from, root, path, 0) == 0)
            return 0;
        failed = errno;
        if (failed == EEXIST)
            unlinkat(root, path, 0);
        else if (failed == ENOENT && faccessat(root, from, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            make_folders(root, path);
        else
            break;
    }
    return failed;
}

/* ---- folders ---- */

DIR *speech_disk_open_folder(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return NULL;
    DIR *folder = fdopendir(fd);
    if (!folder)
        close(fd);
    return folder;
}

bool speech_disk_is_left_behind(int folder, const char *name, int64_t now_s)
{
    struct stat info;
    size_t size = strlen(name);
    return *name == '.' && size > 4 && text_equal(name + size - 4, ".mp3") &&
           fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) &&
           info.st_mtime < now_s - LEFT_BEHIND_S;
}
