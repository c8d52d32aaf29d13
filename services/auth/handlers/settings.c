/* SPDX-License-Identifier: MIT */
#include "services/auth/handlers/settings.h"

#include "gen/auth/api.h"
#include "lib/base/text.h"
#include "services/auth/domain/chat.h"
#include "services/auth/domain/username.h"
#include "services/auth/handlers/caller.h"
#include "services/auth/store/settings.h"
#include "services/auth/store/tiktok_names.h"

/* ---- changing, within the plan ---- */

struct change {
    struct call *call;
    const struct profile *profile;
    const struct update_settings_request *changes;
    struct settings_reply *settings;
};

static enum status use_tiktok_name(struct call *call, const struct profile *profile,
                                   const char *name)
{
    struct tiktok_history history;
    enum status status = tiktok_names_lock(call, profile->user_id, name, &history);
    if (status != STATUS_OK)
        return status;

    switch (plan_check_tiktok(&profile->plan, name, &history)) {
    case TIKTOK_MAY_NOT_CHANGE:
        return call_fail(call, STATUS_FORBIDDEN, "tariff does not allow changing tiktok account");
    case TIKTOK_LIMIT_REACHED:
        return call_fail(call, STATUS_FORBIDDEN, "tariff tiktok account limit reached");
    case TIKTOK_ALLOWED:
        break;
    }
    return tiktok_names_upsert(call, profile->user_id, name);
}

static enum status change_in_transaction(struct pg *db, void *closure)
{
    (void)db; /* the call's */
    const struct change *change = closure;
    struct call *call = change->call;
    const struct update_settings_request *changes = change->changes;

    bool has_name = changes->tiktok_username && *changes->tiktok_username;
    if (has_name) {
        enum status status = use_tiktok_name(call, change->profile, changes->tiktok_username);
        if (status != STATUS_OK)
            return status;
    }
    if (changes->voice_id && !plan_allows_voice(&change->profile->plan, changes->voice_id))
        return call_fail(call, STATUS_FORBIDDEN, "tariff does not allow this voice");
    return settings_update(call, change->profile->user_id, changes, change->settings);
}

enum status settings_change(struct call *call, const struct profile *profile,
                            const struct update_settings_request *changes,
                            struct settings_reply *ret_settings)
{
    struct change change = {call, profile, changes, ret_settings};
    return pg_transaction(call->db, change_in_transaction, &change);
}

/* ---- what a client sends ---- */

typedef const char *(*fold_fn)(struct arena *arena, const char *text);

static bool holds(const char *const *texts, size_t count, const char *text)
{
    while (count-- > 0) {
        if (text_equal(texts[count], text))
            return true;
    }
    return false;
}

/* Each text once, in its stored form, without those of which nothing is left. A list that is not
 * named stays so. */
static struct list fold_list(struct call *call, struct list texts, fold_fn fold)
{
    if (!texts.items)
        return texts;
    const char *const *items = texts.items;
    const char **kept = ARENA_ARRAY(call->arena, const char *, texts.count);
    size_t count = 0;
    for (size_t i = 0; i < texts.count; i++) {
        const char *text = fold(call->arena, items[i]);
        if (text && !holds(kept, count, text))
            kept[count++] = text;
    }
    return (struct list){kept, count};
}

/* The changes in their stored forms. 400 `invalid username`. */
static enum status fold_changes(struct call *call, struct update_settings_request *changes)
{
    const char *name = changes->tiktok_username;
    if (name && *name) {
        changes->tiktok_username = username_fold(call->arena, name);
        if (!changes->tiktok_username)
            return call_fail(call, STATUS_BAD_REQUEST, "invalid username");
    }
    if (changes->chat_tts_prefixes)
        changes->chat_tts_prefixes = chat_prefixes_fold(call->arena, changes->chat_tts_prefixes);
    changes->blocked_words = fold_list(call, changes->blocked_words, chat_word_fold);
    changes->blocked_users = fold_list(call, changes->blocked_users, chat_user_fold);
    return STATUS_OK;
}

/* ---- endpoints ---- */

enum status handle_get_settings(struct call *call, const struct get_settings_request *in,
                                struct settings_reply *out)
{
    (void)in;
    struct profile profile;
    enum status status = caller_find(call, &profile);
    if (status == STATUS_OK)
        *out = profile.settings;
    return status;
}

enum status handle_update_settings(struct call *call, const struct update_settings_request *in,
                                   struct update_settings_reply *out)
{
    struct profile profile;
    enum status status = caller_find(call, &profile);
    if (status != STATUS_OK)
        return status;
    struct update_settings_request changes = *in;
    status = fold_changes(call, &changes);
    if (status != STATUS_OK)
        return status;
    if (!plan_allows_platform(&profile.plan, call->caller.platform))
        return call_fail(call, STATUS_FORBIDDEN, "tariff does not allow this platform");

    out->status = "ok";
    status = settings_change(call, &profile, &changes, &out->settings);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_UNAUTHENTICATED, "user not found");
    return status;
}
