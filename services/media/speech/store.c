/* SPDX-License-Identifier: MIT */
#include "services/media/speech/store.h"

#include "lib/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Temporary names start with a dot, so that they are never served. */
#define TEMPORARY_SIZE (SPEECH_PATH_SIZE + sizeof(".0123456789abcdef"))

int speech_store_open(const char *root)
{
    if (mkdir(root, 0755) != 0 && errno != EEXIST)
        return -1;
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && mkdirat(fd, SPEECH_FOLDER, 0755) != 0 && errno != EEXIST) {
        close(fd);
        return -1;
    }
    return fd;
}

static enum status status_of_errno(void)
{
    return errno == ENOSPC || errno == EDQUOT ? STATUS_NO_SPACE : STATUS_UNAVAILABLE;
}

/* Bytes of the folder's name, with its slash. */
static size_t folder_size(const struct speech_path *path)
{
    return (size_t)(strrchr(path->text, '/') + 1 - path->text);
}

static struct speech_path folder_of(const struct speech_path *path)
{
    struct speech_path folder = *path;
    folder.text[folder_size(path) - 1] = '\0';
    return folder;
}

static void name_temporary(const struct speech_path *path, char out[static TEMPORARY_SIZE])
{
    unsigned char random[4];
    char hex[2 * sizeof(random) + 1];
    random_bytes(random, sizeof(random));
    text_hex(random, sizeof(random), hex);
    size_t folder = folder_size(path);
    snprintf(out, TEMPORARY_SIZE, "%.*s.%s.%s", (int)folder, path->text, hex, path->text + folder);
}

/* Makes the folder when it is missing: the first speech of a user, or the sweeper was just here. */
static int create(int root, const struct speech_path *path, const char *temporary)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int fd = openat(root, temporary, flags, 0644);
    if (fd < 0 && errno == ENOENT) {
        mkdirat(root, folder_of(path).text, 0755);
        fd = openat(root, temporary, flags, 0644);
    }
    return fd;
}

static bool write_full(int fd, struct slice data)
{
    const char *at = data.data;
    for (size_t left = data.size; left > 0;) {
        ssize_t put = write(fd, at, left);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        left -= (size_t)put;
    }
    return true;
}

enum status speech_store_put(int root, const struct speech_path *path, struct slice audio)
{
    char temporary[TEMPORARY_SIZE];
    name_temporary(path, temporary);
    int fd = create(root, path, temporary);
    if (fd < 0)
        return status_of_errno();

    bool written = write_full(fd, audio);
    enum status status = written ? STATUS_OK : status_of_errno();
    close(fd);
    if (written && renameat(root, temporary, root, path->text) != 0)
        status = status_of_errno();
    if (status != STATUS_OK)
        unlinkat(root, temporary, 0);
    return status;
}

void speech_store_remove(int root, const struct speech_path *path)
{
    unlinkat(root, path->text, 0);
    unlinkat(root, folder_of(path).text, AT_REMOVEDIR); /* refused unless empty */
}

static DIR *open_folder(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return NULL;
    DIR *folder = fdopendir(fd);
    if (!folder)
        close(fd);
    return folder;
}

AUTO_DEFINE(DIR *, closedir)

static unsigned empty_folder(int root, const struct speech_folder *folder)
{
    AUTO(closedir) DIR *entries = open_folder(root, folder->text);
    if (!entries)
        return 0;
    unsigned removed = 0;
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries))
        removed += unlinkat(dirfd(entries), entry->d_name, 0) == 0; /* refused for "." and ".." */
    return removed;
}

enum status speech_store_erase(int root, const struct speech_folder *folder, unsigned *ret_files)
{
    unsigned removed = empty_folder(root, folder);
    if (unlinkat(root, folder->text, AT_REMOVEDIR) != 0 && errno != ENOENT)
        return STATUS_UNAVAILABLE;
    *ret_files = removed;
    return STATUS_OK;
}

/* Only what we write ourselves is ours to remove: speech, and its temporaries. */
static bool is_ours(const char *name)
{
    size_t size = strlen(name);
    return size > 4 && text_equal(name + size - 4, ".mp3");
}

static unsigned sweep_folder(int parent, const char *name, int64_t before_s);

static unsigned sweep_entry(int folder, const char *name, int64_t before_s)
{
    struct stat info;
    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    if (S_ISREG(info.st_mode) && is_ours(name) && info.st_mtime < before_s)
        return unlinkat(folder, name, 0) == 0;
    if (!S_ISDIR(info.st_mode))
        return 0;
    struct uuid user;
    if (!uuid_parse(name, &user))
        return 0;
    unsigned removed = sweep_folder(folder, name, before_s);
    unlinkat(folder, name, AT_REMOVEDIR); /* refused unless empty */
    return removed;
}

static unsigned sweep_folder(int parent, const char *name, int64_t before_s)
{
    AUTO(closedir) DIR *folder = open_folder(parent, name);
    if (!folder)
        return 0;
    unsigned removed = 0;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        removed += sweep_entry(dirfd(folder), entry->d_name, before_s);
    return removed;
}

unsigned speech_store_sweep(int root, int64_t before_s)
{
    return sweep_folder(root, SPEECH_FOLDER, before_s);
}
