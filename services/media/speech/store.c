/* SPDX-License-Identifier: MIT */
#include "services/media/speech/store.h"

#include "lib/base/clock.h"
#include "services/media/speech/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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

static struct speech_path folder_of(const struct speech_path *path)
{
    struct speech_path folder = *path;
    *strrchr(folder.text, '/') = '\0';
    return folder;
}

enum status speech_store_put(int root, const struct speech_path *path, struct slice audio)
{
    return speech_disk_write(root, path->text, audio);
}

void speech_store_remove(int root, const struct speech_path *path)
{
    unlinkat(root, path->text, 0);
    unlinkat(root, folder_of(path).text, AT_REMOVEDIR); /* refused unless empty */
}

static unsigned empty_folder(int root, const struct speech_folder *folder)
{
    AUTO(closedir) DIR *entries = speech_disk_open_folder(root, folder->text);
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

/* ---- the sweep ---- */

/* One pass over the folders. */
struct sweep {
    int64_t now_ms;
    int64_t before_ms;
    unsigned removed;
};

static bool is_speech(const char *name)
{
    struct speech_path path;
    int size = snprintf(path.text, sizeof(path.text), SPEECH_FOLDER "/%s", name);
    return (size_t)size < sizeof(path.text) && speech_path_is(path.text);
}

static bool changed_before(int folder, const char *name, int64_t before_ms)
{
    struct stat info;
    return fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) &&
           info.st_mtime < before_ms / 1000;
}

/* Only what we write ourselves is ours to remove: speech, and its temporaries. */
static bool is_old(const struct sweep *sweep, int folder, const char *name)
{
    if (!is_speech(name))
        return speech_disk_is_left_behind(folder, name, sweep->now_ms / 1000);
    int64_t time_ms;
    if (speech_path_time_ms(name, sweep->now_ms, &time_ms))
        return time_ms < sweep->before_ms;
    return changed_before(folder, name, sweep->before_ms);
}

static void sweep_folder(struct sweep *sweep, int parent, const char *name, bool has_users);

static void sweep_user(struct sweep *sweep, int parent, const char *name)
{
    struct uuid user;
    if (!uuid_parse(name, &user))
        return;
    sweep_folder(sweep, parent, name, false);
    unlinkat(parent, name, AT_REMOVEDIR); /* refused unless empty */
}

static void sweep_folder(struct sweep *sweep, int parent, const char *name, bool has_users)
{
    AUTO(closedir) DIR *folder = speech_disk_open_folder(parent, name);
    if (!folder)
        return;
    int fd = dirfd(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (is_old(sweep, fd, entry->d_name))
            sweep->removed += unlinkat(fd, entry->d_name, 0) == 0;
        else if (has_users)
            sweep_user(sweep, fd, entry->d_name);
    }
}

unsigned speech_store_sweep(int root, int64_t before_ms)
{
    struct sweep sweep = {.now_ms = clock_wall_ms(), .before_ms = before_ms};
    sweep_folder(&sweep, root, SPEECH_FOLDER, true);
    return sweep.removed;
}
