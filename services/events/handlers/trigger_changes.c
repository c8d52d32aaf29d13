/* SPDX-License-Identifier: MIT */
#include "services/events/handlers/trigger_changes.h"

#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "services/events/handlers/trigger_sounds.h"
#include "services/events/live/follower.h"
#include "services/events/store/sound_claims.h"
#include "services/events/store/triggers.h"

/* ---- checking ---- */

static bool plays_sound(const struct set_trigger_request *trigger)
{
    return text_equal(trigger->action, "play_sound");
}

/* An action's own parameter is kept, the other's is not. */
static enum status check(struct call *call, struct set_trigger_request *trigger)
{
    if (!plays_sound(trigger) && !text_equal(trigger->action, "tts"))
        return call_fail(call, STATUS_BAD_REQUEST, "invalid action");
    if (plays_sound(trigger) && text_is_blank(trigger->sound_filename))
        return call_fail(call, STATUS_BAD_REQUEST, "sound required for play_sound");
    if (plays_sound(trigger))
        trigger->text_template = NULL;
    else
        trigger->sound_filename = NULL;
    if (text_is_blank(trigger->condition_key)) {
        trigger->condition_key = NULL;
        trigger->condition_value = NULL;
    }
    return STATUS_OK;
}

/* ---- one change, from claim to commit ---- */

struct change {
    struct call *call;
    const char *user_id;
    const char *id;
    /* One of these: */
    const struct set_trigger_request *added;
    const struct set_trigger_request *replacement;
    const struct update_trigger_request *changes;

    const struct trigger_key *key; /* of what is added, where it must be the only one; or NULL */
    const char *found;             /* the id of the one that there is already */
};

/* STATUS_CONFLICT, and found, when it is not the only one of its key. */
static enum status make_room(struct change *change)
{
    struct call *call = change->call;
    enum status status = triggers_lock(call, change->user_id);
    if (status != STATUS_OK || !change->key)
        return status;
    status = triggers_find_by_key(call, change->user_id, change->key, &change->found);
    if (status == STATUS_OK)
        return STATUS_CONFLICT;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status insert(struct change *change)
{
    struct call *call = change->call;
    struct set_trigger_request trigger = *change->added;
    enum status status = make_room(change);
    if (status == STATUS_OK)
        status = check(call, &trigger);
    if (status == STATUS_OK && plays_sound(&trigger))
        status = trigger_sounds_use(call, change->user_id, change->id, trigger.sound_filename);
    if (status != STATUS_OK)
        return status;
    status = triggers_insert(call, change->user_id, change->id, &trigger);
    return status == STATUS_CONFLICT ? call_fail(call, status, "too many triggers") : status;
}

#define PUT(field)                                                                                 \
    if (changes->field)                                                                            \
    trigger->field = changes->field
#define PUT_VALUE(field)                                                                           \
    if (changes->has_##field)                                                                      \
    trigger->field = changes->field

static void merge(struct set_trigger_request *trigger, const struct update_trigger_request *changes)
{
    PUT(event_type);
    PUT(condition_key);
    PUT(condition_value);
    PUT_VALUE(enabled);
    PUT_VALUE(priority);
    PUT(action);
    PUT(text_template);
    PUT(sound_filename);
    PUT(trigger_name);
    PUT_VALUE(combo_count);
    PUT_VALUE(cooldown_seconds);
    PUT_VALUE(user_cooldown_seconds);
    PUT_VALUE(once_per_stream);
    PUT_VALUE(min_diamonds);
}

static enum status update(const struct change *change)
{
    struct call *call = change->call;
    struct set_trigger_request trigger;
    enum status status = triggers_find(call, change->user_id, change->id, &trigger);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, status, "not found");
    if (status != STATUS_OK)
        return status;
    const char *had = trigger.sound_filename;
    if (change->replacement)
        trigger = *change->replacement;
    else
        merge(&trigger, change->changes);
    status = check(call, &trigger);
    if (status == STATUS_OK && !text_equal(trigger.sound_filename, had))
        status = trigger_sounds_use(call, change->user_id, change->id, trigger.sound_filename);
    if (status != STATUS_OK)
        return status;
    return triggers_update(call, change->user_id, change->id, &trigger);
}

static enum status change_in_transaction(struct pg *db, void *closure)
{
    (void)db; /* the call's */
    struct change *change = closure;
    enum status status = change->added ? insert(change) : update(change);
    return status == STATUS_OK ? sound_claims_delete(change->call, change->id) : status;
}

/* With a claim before and, if it comes to nothing, the truth told after it. */
static enum status run(struct change *change)
{
    struct call *call = change->call;
    enum status status = sound_claims_insert(call, change->user_id, change->id);
    if (status != STATUS_OK)
        return status;
    status = pg_transaction(call->db, change_in_transaction, change);
    if (status != STATUS_OK)
        trigger_sounds_settle(call, change->user_id, change->id);
    return status;
}

/* ---- what the endpoints do ---- */

static enum status tell(struct call *call, const char *user_id, enum status status)
{
    struct follower *const *follower = call->app;
    if (status == STATUS_OK)
        follower_tell_changed(*follower, user_id);
    return status;
}

/* Text that is no uuid names no trigger. */
static enum status parse_id(struct call *call, const char *text, struct uuid *ret_id)
{
    if (uuid_parse(text, ret_id))
        return STATUS_OK;
    return call_fail(call, STATUS_NOT_FOUND, "not found");
}

/* key: see struct change; ret_found likewise. */
static enum status add(struct call *call, const char *user_id,
                       const struct set_trigger_request *trigger, const struct trigger_key *key,
                       const char **ret_id, const char **ret_found)
{
    struct set_trigger_request checked = *trigger;
    enum status status = check(call, &checked); /* without a claim, for what is plainly wrong */
    if (status != STATUS_OK)
        return status;
    struct uuid id;
    uuid_make(&id);
    struct change change = {
        .call = call, .user_id = user_id, .id = id.text, .added = &checked, .key = key};
    status = run(&change);
    if (status == STATUS_OK)
        *ret_id = arena_text(call->arena, id.text);
    *ret_found = change.found;
    return tell(call, user_id, status);
}

enum status trigger_add(struct call *call, const char *user_id,
                        const struct set_trigger_request *trigger, const char **ret_id)
{
    const char *found = NULL;
    return add(call, user_id, trigger, NULL, ret_id, &found);
}

enum status trigger_change(struct call *call, const char *user_id,
                           const struct update_trigger_request *changes)
{
    struct uuid id;
    enum status status = parse_id(call, changes->id, &id);
    if (status != STATUS_OK)
        return status;
    if (changes->sound_filename && text_is_blank(changes->sound_filename))
        return call_fail(call, STATUS_BAD_REQUEST, "sound_filename cannot be empty");
    struct change change = {.call = call, .user_id = user_id, .id = id.text, .changes = changes};
    return tell(call, user_id, run(&change));
}

static enum status not_found(struct call *call, enum status status)
{
    return status == STATUS_NOT_FOUND ? call_fail(call, status, "not found") : status;
}

enum status trigger_enable(struct call *call, const char *user_id, const char *text, bool enabled)
{
    struct uuid id;
    enum status status = parse_id(call, text, &id);
    if (status != STATUS_OK)
        return status;
    status = triggers_enable(call, user_id, id.text, enabled);
    return tell(call, user_id, not_found(call, status));
}

struct removal {
    struct call *call;
    const char *user_id;
    const char *id;
};

static enum status remove_in_transaction(struct pg *db, void *closure)
{
    (void)db; /* the call's */
    const struct removal *removal = closure;
    struct call *call = removal->call;
    enum status status = triggers_delete(call, removal->user_id, removal->id);
    if (status != STATUS_OK)
        return not_found(call, status);
    return sound_claims_insert(call, removal->user_id, removal->id);
}

enum status trigger_remove(struct call *call, const char *user_id, const char *text)
{
    struct uuid id;
    enum status status = parse_id(call, text, &id);
    if (status != STATUS_OK)
        return status;
    struct removal removal = {call, user_id, id.text};
    status = pg_transaction(call->db, remove_in_transaction, &removal);
    if (status == STATUS_OK)
        trigger_sounds_settle(call, user_id, id.text);
    return tell(call, user_id, status);
}

/* ---- by event and condition ---- */

static struct trigger_key key_of(const struct set_trigger_request *trigger)
{
    bool has_condition = !text_is_blank(trigger->condition_key);
    return (struct trigger_key){.event_type = trigger->event_type,
                                .condition_key = trigger->condition_key,
                                .condition_value = has_condition ? trigger->condition_value : NULL};
}

enum status trigger_put(struct call *call, const char *user_id,
                        const struct set_trigger_request *trigger)
{
    const char *id = NULL;
    const char *found = NULL;
    const struct trigger_key key = key_of(trigger);
    enum status status = triggers_find_by_key(call, user_id, &key, &found);
    if (status == STATUS_NOT_FOUND)
        status = add(call, user_id, trigger, &key, &id, &found);
    if (!found)
        return status;
    struct change change = {.call = call, .user_id = user_id, .id = found, .replacement = trigger};
    return tell(call, user_id, run(&change));
}

enum status trigger_remove_by_key(struct call *call, const char *user_id,
                                  const struct trigger_key *key, const char *not_found_detail)
{
    const char *id = NULL;
    enum status status = triggers_find_by_key(call, user_id, key, &id);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, status, not_found_detail);
    return status == STATUS_OK ? trigger_remove(call, user_id, id) : status;
}
