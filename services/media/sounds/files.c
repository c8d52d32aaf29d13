/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/files.h"

#include "lib/base/text.h"
#include "lib/base/uuid.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DRAFT_PREFIX ".tmp-"
#define DRAFT_DIGITS 16
#define FOLDER_SIZE (sizeof(SOUNDS_FOLDER "/") + UUID_SIZE)
#define FILE_MODE 0644 /* the edge may read them, too */
#define FOLDER_MODE 0755
#define ATTEMPTS 3 /* the sweeper may remove an empty folder under our hands */

AUTO_DEFINE(DIR *, closedir)

static enum status status_of_errno(void)
{
    return errno == ENOSPC || errno == EDQUOT ? STATUS_NO_SPACE : STATUS_UNAVAILABLE;
}

/* ---- folders ---- */

static int open_beneath(int root, const char *path)
{
    struct open_how how = {
        .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

static void name_folder(const char *user_id, char out[static FOLDER_SIZE])
{
    snprintf(out, FOLDER_SIZE, SOUNDS_FOLDER "/%s", user_id);
}

int files_open_folder(int root, const char *user_id)
{
    char path[FOLDER_SIZE];
    name_folder(user_id, path);
    return open_beneath(root, path);
}

static bool sync_and_close(int folder)
{
    bool synced = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0)
        close(folder);
    return synced;
}

/* Makes a folder that lasts; one that is there is fine, too. */
static bool make_folder(int root, const char *path, const char *parent)
{
    if (mkdirat(root, path, FOLDER_MODE) != 0)
        return errno == EEXIST;
    return sync_and_close(open_beneath(root, parent));
}

static int make_and_open_folder(int root, const char *user_id)
{
    int folder = files_open_folder(root, user_id);
    if (folder >= 0 || errno != ENOENT)
        return folder;
    char path[FOLDER_SIZE];
    name_folder(user_id, path);
    if (!make_folder(root, SOUNDS_FOLDER, ".") || !make_folder(root, path, SOUNDS_FOLDER))
        return -1;
    return files_open_folder(root, user_id);
}

/* ---- drafts ---- */

static void name_draft(char out[static DRAFT_NAME_SIZE])
{
    unsigned char random[DRAFT_DIGITS / 2];
    char hex[DRAFT_DIGITS + 1];
    random_bytes(random, sizeof(random));
    text_hex(random, sizeof(random), hex);
    snprintf(out, DRAFT_NAME_SIZE, DRAFT_PREFIX "%s", hex);
}

bool draft_name_is(const char *name)
{
    if (!text_starts_with(name, DRAFT_PREFIX))
        return false;
    const char *digits = name + strlen(DRAFT_PREFIX);
    return strlen(digits) == DRAFT_DIGITS && strspn(digits, "0123456789abcdef") == DRAFT_DIGITS;
}

/* The draft's file, empty; -1, with errno and nothing left open, on failure. */
static int create(int root, const char *user_id, struct draft *draft)
{
    name_draft(draft->name);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        draft->folder = make_and_open_folder(root, user_id);
        if (draft->folder < 0 && errno == ENOENT)
            continue;
        if (draft->folder < 0)
            return -1;
        int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
        int file = openat(draft->folder, draft->name, flags, FILE_MODE);
        if (file >= 0)
            return file;
        int reason = errno;
        close(draft->folder);
        errno = reason;
        if (reason != ENOENT)
            return -1;
    }
    return -1;
}

static bool write_full(int file, struct slice data)
{
    const char *at = data.data;
    for (size_t left = data.size; left > 0;) {
        ssize_t put = write(file, at, left);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        left -= (size_t)put;
    }
    return true;
}

/* Some file systems refuse at the end what they seemed to take: NFS, quotas. */
static enum status fill(int file, struct slice data)
{
    bool written = write_full(file, data) && fsync(file) == 0;
    enum status status = written ? STATUS_OK : status_of_errno();
    if (close(file) != 0 && status == STATUS_OK)
        status = status_of_errno();
    return status;
}

enum status draft_write(int root, const char *user_id, struct slice data, struct draft *ret_draft)
{
    struct draft draft = {.is_published = false};
    int file = create(root, user_id, &draft);
    if (file < 0)
        return status_of_errno();
    enum status status = fill(file, data);
    if (status != STATUS_OK) {
        draft_done(&draft);
        return status;
    }
    *ret_draft = draft;
    return STATUS_OK;
}

/* Where the file system has no such rename (NFS), the owner's lock alone keeps others from taking
 * the name in between. */
static bool rename_to_free_name(const struct draft *draft, const char *filename)
{
    int folder = draft->folder;
    if (renameat2(folder, draft->name, folder, filename, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    if (faccessat(folder, filename, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return false;
    }
    return renameat(folder, draft->name, folder, filename) == 0;
}

enum status draft_publish(struct draft *draft, const char *filename)
{
    if (!rename_to_free_name(draft, filename))
        return errno == EEXIST ? STATUS_CONFLICT : status_of_errno();
    draft->is_published = true;
    return fsync(draft->folder) == 0 ? STATUS_OK : status_of_errno();
}

void draft_done(struct draft *draft)
{
    if (!draft->is_published)
        unlinkat(draft->folder, draft->name, 0);
    close(draft->folder);
}

/* ---- files ---- */

enum status files_replace(int root, const char *user_id, const char *filename, struct slice data)
{
    struct draft draft;
    enum status status = draft_write(root, user_id, data, &draft);
    if (status != STATUS_OK)
        return status;
    draft.is_published = renameat(draft.folder, draft.name, draft.folder, filename) == 0;
    if (!draft.is_published || fsync(draft.folder) != 0)
        status = status_of_errno();
    draft_done(&draft);
    return status;
}

static enum status read_full(int file, struct buffer *out)
{
    char chunk[16384];
    ssize_t got;
    while ((got = read(file, chunk, sizeof(chunk))) > 0)
        buffer_add(out, chunk, (size_t)got);
    return got == 0 && !out->overflowed ? STATUS_OK : STATUS_UNAVAILABLE;
}

enum status files_read(int root, const char *user_id, const char *filename, struct buffer *out)
{
    int folder = files_open_folder(root, user_id);
    if (folder < 0)
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_UNAVAILABLE;
    int file = openat(folder, filename, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum status status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_UNAVAILABLE;
    close(folder);
    if (file < 0)
        return status;
    status = read_full(file, out);
    close(file);
    return status;
}

bool files_is_missing(int root, const char *user_id, const char *filename)
{
    int folder = files_open_folder(root, user_id);
    if (folder < 0)
        return errno == ENOENT;
    bool missing = faccessat(folder, filename, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
    close(folder);
    return missing;
}

static unsigned empty_folder(int root, const char *user_id)
{
    int folder = files_open_folder(root, user_id);
    if (folder < 0)
        return 0;
    AUTO(closedir) DIR *entries = fdopendir(folder);
    if (!entries) {
        close(folder);
        return 0;
    }
    unsigned removed = 0;
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries))
        removed += unlinkat(folder, entry->d_name, 0) == 0; /* refused for "." and ".." */
    return removed;
}

enum status files_erase(int root, const char *user_id, unsigned *ret_files)
{
    char path[FOLDER_SIZE];
    name_folder(user_id, path);
    unsigned removed = empty_folder(root, user_id);
    if (unlinkat(root, path, AT_REMOVEDIR) != 0 && errno != ENOENT)
        return STATUS_UNAVAILABLE;
    *ret_files = removed;
    return STATUS_OK;
}
