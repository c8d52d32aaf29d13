/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/library.h"

#include "services/media/store/owners.h"
#include "services/media/store/sound_uses.h"

#include <errno.h>
#include <unistd.h>

#define NAMES_TRIED_MAX 100 /* that files without a row have; the sweeper will free them */

/* ---- adding ---- */

struct adding {
    const struct library *library;
    struct call *call;
    const char *user_id;
    const struct new_sound *sound;
    struct draft draft;
    struct filename name; /* what it got */
};

static enum status check_room(const struct adding *adding)
{
    const struct library *library = adding->library;
    struct sound_totals totals;
    enum status status = sounds_total(adding->call, adding->user_id, &totals);
    if (status != STATUS_OK)
        return status;
    if (totals.count >= library->sounds_max)
        return call_fail(adding->call, STATUS_CONFLICT, "too many sounds");
    if (totals.bytes + (int64_t)adding->sound->file.size > library->bytes_max)
        return call_fail(adding->call, STATUS_CONFLICT, "sounds take too much space");
    return STATUS_OK;
}

/* By the first name that neither a row nor a file has. */
static enum status publish(struct adding *adding)
{
    unsigned number = 1;
    for (int tried = 0; tried < NAMES_TRIED_MAX; tried++, number++) {
        enum status status = sounds_free_number(adding->call, adding->user_id, &adding->sound->name,
                                                number, &number);
        if (status != STATUS_OK)
            return status;
        filename_number(&adding->sound->name, number, &adding->name);
        status = draft_publish(&adding->draft, adding->name.text);
        if (status != STATUS_CONFLICT)
            return status;
    }
    return STATUS_UNAVAILABLE;
}

static enum status add_in_transaction(struct pg *pg, void *closure)
{
    (void)pg;
    struct adding *adding = closure;
    bool is_erased = false;
    enum status status = owners_lock(adding->call, adding->user_id, &is_erased);
    if (status != STATUS_OK)
        return status;
    if (is_erased)
        return STATUS_UNAUTHENTICATED;
    status = check_room(adding);
    if (status != STATUS_OK)
        return status;
    status = publish(adding);
    if (status != STATUS_OK)
        return status;
    struct sound row = adding->sound->about;
    row.filename = adding->name.text;
    row.bytes = (int64_t)adding->sound->file.size;
    return sounds_insert(adding->call, adding->user_id, &row);
}

/* Where nobody knows whether the row was committed, or the database is away, the sweeper will see.
 */
static void take_back(const struct adding *adding, enum status status)
{
    unsigned removed = 0;
    if (!adding->draft.is_published || status == STATUS_UNAVAILABLE)
        return;
    if (library_remove_orphans(adding->library->root, adding->call, adding->user_id, &adding->name,
                               1, &removed) != STATUS_OK)
        log_warning(&adding->call->log, "a file is left to the sweeper");
}

enum status library_add(const struct library *library, struct call *call, const char *user_id,
                        const struct new_sound *sound, struct filename *ret_name)
{
    struct adding adding = {library, call, user_id, sound, .draft = {.folder = -1}};
    enum status status = draft_write(library->root, user_id, sound->file, &adding.draft);
    if (status != STATUS_OK)
        return status;
    status = pg_transaction(call->db, add_in_transaction, &adding);
    draft_done(&adding.draft);
    if (status == STATUS_OK)
        *ret_name = adding.name;
    else
        take_back(&adding, status);
    return status;
}

/* ---- deleting and using ---- */

struct changing {
    struct call *call;
    const char *user_id;
    const char *trigger_id;
    const char *filename;
};

static enum status delete_in_transaction(struct pg *pg, void *closure)
{
    (void)pg;
    const struct changing *changing = closure;
    enum status status = owners_lock(changing->call, changing->user_id, NULL);
    if (status != STATUS_OK)
        return status;
    return sounds_delete(changing->call, changing->user_id, changing->filename);
}

enum status library_delete(const struct library *library, struct call *call, const char *user_id,
                           const char *filename)
{
    if (!filename_is_clean(filename))
        return STATUS_NOT_FOUND;
    struct changing changing = {.call = call, .user_id = user_id, .filename = filename};
    enum status status = pg_transaction(call->db, delete_in_transaction, &changing);
    if (status != STATUS_OK)
        return status;
    struct filename name;
    unsigned removed = 0;
    filename_clean(filename, &name);
    if (library_remove_orphans(library->root, call, user_id, &name, 1, &removed) != STATUS_OK)
        log_warning(&call->log, "a file is left to the sweeper");
    return STATUS_OK;
}

static enum status use_in_transaction(struct pg *pg, void *closure)
{
    (void)pg;
    const struct changing *changing = closure;
    struct call *call = changing->call;
    enum status status = owners_lock(call, changing->user_id, NULL);
    if (status != STATUS_OK)
        return status;
    if (!changing->filename)
        return sound_uses_clear(call, changing->user_id, changing->trigger_id);
    return sound_uses_set(call, changing->user_id, changing->trigger_id, changing->filename);
}

enum status library_use(struct call *call, const char *user_id, const char *trigger_id,
                        const char *filename)
{
    if (filename && !filename_is_clean(filename))
        return STATUS_NOT_FOUND;
    struct changing changing = {call, user_id, trigger_id, filename};
    return pg_transaction(call->db, use_in_transaction, &changing);
}

/* ---- orphans ---- */

struct orphans {
    struct call *call;
    const char *user_id;
    const struct filename *names;
    size_t count;
    int folder;
    unsigned removed;
};

/* Who adds a sound holds the lock from before its file has the name until its row is committed. */
static enum status remove_in_transaction(struct pg *pg, void *closure)
{
    (void)pg;
    struct orphans *orphans = closure;
    enum status status = owners_lock(orphans->call, orphans->user_id, NULL);
    if (status != STATUS_OK)
        return status;
    struct list unknown;
    status =
        sounds_unknown(orphans->call, orphans->user_id, orphans->names, orphans->count, &unknown);
    if (status != STATUS_OK)
        return status;
    const char *const *names = unknown.items;
    for (size_t i = 0; i < unknown.count; i++)
        orphans->removed += unlinkat(orphans->folder, names[i], 0) == 0;
    return STATUS_OK;
}

enum status library_remove_orphans(int root, struct call *call, const char *user_id,
                                   const struct filename *names, size_t count,
                                   unsigned *ret_removed)
{
    struct orphans orphans = {call, user_id, names, count, files_open_folder(root, user_id), 0};
    if (orphans.folder < 0)
        return errno == ENOENT ? STATUS_OK : STATUS_UNAVAILABLE;
    enum status status = pg_transaction(call->db, remove_in_transaction, &orphans);
    close(orphans.folder);
    *ret_removed = orphans.removed;
    return status;
}
