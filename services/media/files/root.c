/* SPDX-License-Identifier: MIT */
#include "services/media/files/root.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_plain(const char *path)
{
    for (;;) {
        size_t size = strcspn(path, "/");
        if (size == 0 || *path == '.')
            return false;
        if (path[size] == '\0')
            return true;
        path += size + 1;
    }
}

static int open_beneath(int root, const char *path)
{
    struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, /* a FIFO must not hold us up */
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

bool root_open_file(int root, const char *path, struct media_file *ret_file)
{
    if (!is_plain(path))
        return false;
    int fd = open_beneath(root, path);
    if (fd < 0)
        return false;
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        return false;
    }
    ret_file->fd = fd;
    ret_file->size = (uint64_t)info.st_size;
    snprintf(ret_file->etag, ETAG_SIZE, "\"%" PRIxMAX "-%" PRIx64 "-%" PRIxMAX "\"",
             (uintmax_t)info.st_ino, ret_file->size,
             (uintmax_t)info.st_mtim.tv_sec * 1000000000 + (uintmax_t)info.st_mtim.tv_nsec);
    return true;
}
