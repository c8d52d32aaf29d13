/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/sweep.h"

#include "lib/base/uuid.h"
#include "services/media/sounds/files.h"
#include "services/media/sounds/library.h"
#include "services/media/store/sounds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH 256
#define DRAFT_OLD_S 60  /* an upload takes a few seconds at most */
#define MISSING_TOLD 10 /* rows a sweep, so that a lost disk does not fill the log */

AUTO_DEFINE(DIR *, closedir)

struct sweep {
    const struct sweep_options *options;
    struct swept *swept;
};

/* One user's folder, and names found in it that are not looked up yet. */
struct folder {
    const struct sweep *sweep;
    const char *user_id;
    struct filename names[BATCH];
    size_t count;
};

static bool must_stop(const struct sweep *sweep)
{
    const struct sweep_options *options = sweep->options;
    return options->must_stop && options->must_stop(options->closure);
}

/* ---- files without a row ---- */

static enum status look_up(struct folder *folder)
{
    const struct sweep_options *options = folder->sweep->options;
    struct call *call = options->call;
    if (folder->count == 0)
        return STATUS_OK;
    struct list unknown;
    enum status status =
        sounds_unknown(call, folder->user_id, folder->names, folder->count, &unknown);
    folder->count = 0;
    if (status != STATUS_OK || unknown.count == 0)
        return status;

    struct filename *names = ARENA_ARRAY(call->arena, struct filename, unknown.count);
    for (size_t i = 0; i < unknown.count; i++)
        filename_clean(((const char *const *)unknown.items)[i], &names[i]);
    unsigned removed = 0;
    status = library_remove_orphans(options->root, call, folder->user_id, names, unknown.count,
                                    &removed);
    folder->sweep->swept->files += removed;
    return status;
}

static enum status note_name(struct folder *folder, const char *name)
{
    filename_clean(name, &folder->names[folder->count++]);
    if (folder->count < BATCH)
        return STATUS_OK;
    enum status status = look_up(folder);
    arena_reset(folder->sweep->options->call->arena);
    return status;
}

static void remove_old_draft(const struct sweep *sweep, int entries, const char *name)
{
    struct stat info;
    if (fstatat(entries, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) &&
        info.st_mtime < sweep->options->now_s - DRAFT_OLD_S)
        sweep->swept->drafts += unlinkat(entries, name, 0) == 0;
}

static bool is_regular(int entries, const struct dirent *entry)
{
    struct stat info;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_REG;
    return fstatat(entries, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(info.st_mode);
}

static enum status sweep_entries(struct folder *folder, DIR *entries)
{
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        enum status status = STATUS_OK;
        if (draft_name_is(entry->d_name))
            remove_old_draft(folder->sweep, dirfd(entries), entry->d_name);
        else if (filename_is_clean(entry->d_name) && is_regular(dirfd(entries), entry))
            status = note_name(folder, entry->d_name);
        if (status != STATUS_OK || must_stop(folder->sweep))
            return status;
    }
    return look_up(folder);
}

static DIR *open_entries(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return NULL;
    DIR *entries = fdopendir(fd);
    if (!entries)
        close(fd);
    return entries;
}

/* A user's; whoever is about to write into a folder that goes makes it again. */
static enum status sweep_folder(const struct sweep *sweep, int parent, const char *name)
{
    struct uuid user;
    if (!uuid_parse(name, &user) || strcmp(user.text, name) != 0)
        return STATUS_OK;
    AUTO(closedir) DIR *entries = open_entries(parent, name);
    if (!entries)
        return STATUS_OK;
    struct folder *folder = calloc(1, sizeof(*folder));
    if (!folder)
        abort();
    folder->sweep = sweep;
    folder->user_id = user.text;
    enum status status = sweep_entries(folder, entries);
    free(folder);
    arena_reset(sweep->options->call->arena);
    sweep->swept->folders += unlinkat(parent, name, AT_REMOVEDIR) == 0; /* refused unless empty */
    return status;
}

static enum status sweep_files(const struct sweep *sweep)
{
    AUTO(closedir) DIR *users = open_entries(sweep->options->root, SOUNDS_FOLDER);
    if (!users)
        return errno == ENOENT ? STATUS_OK : STATUS_UNAVAILABLE;
    for (struct dirent *entry = readdir(users); entry; entry = readdir(users)) {
        enum status status = sweep_folder(sweep, dirfd(users), entry->d_name);
        if (status != STATUS_OK || must_stop(sweep))
            return status;
    }
    return STATUS_OK;
}

/* ---- rows without a file ---- */

/* A sound that was deleted a moment ago, and perhaps uploaded again since, has nothing amiss. */
static enum status check_row(const struct sweep *sweep, const struct sound_key *key)
{
    const struct sweep_options *options = sweep->options;
    const char *filename = key->filename.text;
    if (!files_is_missing(options->root, key->user_id, filename))
        return STATUS_OK;
    struct list unknown;
    enum status status = sounds_unknown(options->call, key->user_id, &key->filename, 1, &unknown);
    if (status != STATUS_OK || unknown.count > 0 ||
        !files_is_missing(options->root, key->user_id, filename))
        return status;
    if (sweep->swept->missing++ < MISSING_TOLD)
        log_warning(&options->call->log, "a sound's file is gone",
                    LOG_TEXT("user_id", key->user_id), LOG_TEXT("filename", filename));
    return STATUS_OK;
}

/* *key is where the next page begins. */
static enum status check_page(const struct sweep *sweep, struct sound_key *key, size_t *ret_count)
{
    struct list page;
    enum status status = sounds_after(sweep->options->call, key, BATCH, &page);
    const struct sound_key *keys = page.items;
    for (size_t i = 0; status == STATUS_OK && i < page.count; i++) {
        *key = keys[i];
        status = check_row(sweep, key);
    }
    *ret_count = page.count;
    return status;
}

static enum status check_rows(const struct sweep *sweep)
{
    struct sound_key key = {.user_id = ""};
    for (size_t count = BATCH; count == BATCH && !must_stop(sweep);) {
        enum status status = check_page(sweep, &key, &count);
        arena_reset(sweep->options->call->arena);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status sweep_sounds(const struct sweep_options *options, struct swept *swept)
{
    *swept = (struct swept){0};
    const struct sweep sweep = {options, swept};
    enum status status = sweep_files(&sweep);
    return status == STATUS_OK ? check_rows(&sweep) : status;
}
