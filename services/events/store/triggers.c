/* SPDX-License-Identifier: MIT */
#include "services/events/store/triggers.h"

#include "lib/base/text.h"

#define COLUMNS                                                                                    \
    "  event_type, condition_key, condition_value, enabled, priority, action,\n"                   \
    "  text_template, sound_filename, trigger_name, combo_count, cooldown_seconds,\n"              \
    "  user_cooldown_seconds, once_per_stream, min_diamonds\n"
#define IN_ORDER "order by priority desc, created_at, id"

/* The parameters $3 to $16, in the order of COLUMNS. */
#define VALUES(trigger)                                                                            \
    PG_TEXT((trigger)->event_type), PG_TEXT((trigger)->condition_key),                             \
        PG_TEXT((trigger)->condition_value), PG_BOOL((trigger)->enabled),                          \
        PG_INT((trigger)->priority), PG_TEXT((trigger)->action),                                   \
        PG_TEXT((trigger)->text_template), PG_TEXT((trigger)->sound_filename),                     \
        PG_TEXT((trigger)->trigger_name), PG_INT((trigger)->combo_count),                          \
        PG_INT((trigger)->cooldown_seconds), PG_INT((trigger)->user_cooldown_seconds),             \
        PG_BOOL((trigger)->once_per_stream), PG_INT((trigger)->min_diamonds)

/* ---- for clients ---- */

/* The value as it is compared; "" for any. */
static const char *fold_of(struct arena *arena, const char *key, const char *value)
{
    enum trigger_condition condition = TRIGGER_IF_ALWAYS;
    bool is_known = trigger_condition_parse(key, &condition);
    const char *fold = is_known ? trigger_value(arena, condition, value) : NULL;
    return fold ? fold : "";
}

PG_QUERY(triggers_lock_user,
         "select pg_advisory_xact_lock(hashtextextended('triggers of ' || $1, 0))::text as done");

enum status triggers_lock(struct call *call, const char *user_id)
{
    AUTO(PQclear) PGresult *row = NULL;
    return pg_one(call->db, triggers_lock_user, &row, PG_TEXT(user_id));
}

PG_QUERY(triggers_insert_one,
         "insert into events.triggers (user_id, id, condition_fold,\n" COLUMNS ")\n"
         "select $1::uuid, $2::uuid, $18, $3, $4, $5, $6::boolean, $7::integer, $8, $9, $10, $11,\n"
         "  $12::integer, $13::integer, $14::integer, $15::boolean, $16::integer\n"
         "where (\n"
         "  select count(*)\n"
         "  from events.triggers\n"
         "  where user_id = $1::uuid\n"
         ") < $17::integer");

enum status triggers_insert(struct call *call, const char *user_id, const char *id,
                            const struct set_trigger_request *trigger)
{
    int64_t count = 0;
    const char *fold = fold_of(call->arena, trigger->condition_key, trigger->condition_value);
    enum status status =
        pg_none(call->db, triggers_insert_one, &count, PG_TEXT(user_id), PG_TEXT(id),
                VALUES(trigger), PG_INT(TRIGGERS_PER_USER), PG_TEXT(fold));
    return status == STATUS_OK && count == 0 ? STATUS_CONFLICT : status;
}

static struct set_trigger_request read_request(const PGresult *rows, int row, struct arena *arena)
{
    return (struct set_trigger_request){
        .event_type = pg_text(rows, row, "event_type", arena),
        .condition_key = pg_text(rows, row, "condition_key", arena),
        .condition_value = pg_text(rows, row, "condition_value", arena),
        .enabled = pg_bool(rows, row, "enabled"),
        .priority = pg_int(rows, row, "priority"),
        .action = pg_text(rows, row, "action", arena),
        .text_template = pg_text(rows, row, "text_template", arena),
        .sound_filename = pg_text(rows, row, "sound_filename", arena),
        .trigger_name = pg_text(rows, row, "trigger_name", arena),
        .combo_count = pg_int(rows, row, "combo_count"),
        .cooldown_seconds = pg_int(rows, row, "cooldown_seconds"),
        .user_cooldown_seconds = pg_int(rows, row, "user_cooldown_seconds"),
        .once_per_stream = pg_bool(rows, row, "once_per_stream"),
        .min_diamonds = pg_int(rows, row, "min_diamonds"),
    };
}

PG_QUERY(triggers_find_one, "select\n" COLUMNS "from events.triggers\n"
                            "where user_id = $1::uuid and id = $2::uuid\n"
                            "for update");

enum status triggers_find(struct call *call, const char *user_id, const char *id,
                          struct set_trigger_request *ret_trigger)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_maybe(call->db, triggers_find_one, &row, PG_TEXT(user_id), PG_TEXT(id));
    if (status == STATUS_OK)
        *ret_trigger = read_request(row, 0, call->arena);
    return status;
}

PG_QUERY(
    triggers_find_one_by_key,
    "select id\n"
    "from events.triggers\n"
    "where user_id = $1::uuid\n"
    "  and event_type = $2\n"
    "  and coalesce(nullif(condition_key, 'always'), '') = coalesce(nullif($3, 'always'), '')\n"
    "  and condition_fold = $4\n"
    "  and action = coalesce($5, action)\n" IN_ORDER "\n"
    "limit 1");

enum status triggers_find_by_key(struct call *call, const char *user_id,
                                 const struct trigger_key *key, const char **ret_id)
{
    AUTO(PQclear) PGresult *row = NULL;
    const char *fold = fold_of(call->arena, key->condition_key, key->condition_value);
    enum status status = pg_maybe(call->db, triggers_find_one_by_key, &row, PG_TEXT(user_id),
                                  PG_TEXT(key->event_type), PG_TEXT(key->condition_key),
                                  PG_TEXT(fold), PG_TEXT(key->action));
    if (status == STATUS_OK)
        *ret_id = pg_text(row, 0, "id", call->arena);
    return status;
}

/* How a statement for one trigger ended. */
static enum status of_one(enum status status, int64_t count)
{
    return status == STATUS_OK && count == 0 ? STATUS_NOT_FOUND : status;
}

PG_QUERY(triggers_update_one,
         "update events.triggers\n"
         "set (condition_fold,\n" COLUMNS ") = ($17, $3, $4, $5, $6::boolean, $7::integer, $8,\n"
         "  $9, $10, $11, $12::integer, $13::integer, $14::integer, $15::boolean, $16::integer)\n"
         "where user_id = $1::uuid and id = $2::uuid");

enum status triggers_update(struct call *call, const char *user_id, const char *id,
                            const struct set_trigger_request *trigger)
{
    int64_t count = 0;
    const char *fold = fold_of(call->arena, trigger->condition_key, trigger->condition_value);
    enum status status = pg_none(call->db, triggers_update_one, &count, PG_TEXT(user_id),
                                 PG_TEXT(id), VALUES(trigger), PG_TEXT(fold));
    return of_one(status, count);
}

PG_QUERY(triggers_enable_one, "update events.triggers\n"
                              "set enabled = $3::boolean\n"
                              "where user_id = $1::uuid and id = $2::uuid");

enum status triggers_enable(struct call *call, const char *user_id, const char *id, bool enabled)
{
    int64_t count = 0;
    enum status status = pg_none(call->db, triggers_enable_one, &count, PG_TEXT(user_id),
                                 PG_TEXT(id), PG_BOOL(enabled));
    return of_one(status, count);
}

PG_QUERY(triggers_delete_one, "delete from events.triggers\n"
                              "where user_id = $1::uuid and id = $2::uuid");

enum status triggers_delete(struct call *call, const char *user_id, const char *id)
{
    int64_t count = 0;
    enum status status =
        pg_none(call->db, triggers_delete_one, &count, PG_TEXT(user_id), PG_TEXT(id));
    return of_one(status, count);
}

static struct trigger_item item_of(const char *id, const struct set_trigger_request *trigger,
                                   int64_t executed_count)
{
    return (struct trigger_item){
        .id = id,
        .event_type = trigger->event_type,
        .condition_key = trigger->condition_key,
        .condition_value = trigger->condition_value,
        .enabled = trigger->enabled,
        .priority = trigger->priority,
        .action = trigger->action,
        .action_params =
            {
                .text_template = trigger->text_template,
                .sound_filename = trigger->sound_filename,
                .cooldown_seconds = trigger->cooldown_seconds,
                .user_cooldown_seconds = trigger->user_cooldown_seconds,
                .once_per_stream = trigger->once_per_stream,
                .min_diamonds = trigger->min_diamonds,
            },
        .executed_count = executed_count,
        .trigger_name = trigger->trigger_name,
        .combo_count = trigger->combo_count,
    };
}

PG_QUERY(triggers_of_user, "select id, executed_count,\n" COLUMNS "from events.triggers\n"
                           "where user_id = $1::uuid\n" IN_ORDER);

enum status triggers_list(struct call *call, const char *user_id, struct list *ret_list)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(call->db, triggers_of_user, &rows, PG_TEXT(user_id));
    if (status != STATUS_OK)
        return status;
    int count = PQntuples(rows);
    struct trigger_item *items = ARENA_ARRAY(call->arena, struct trigger_item, (size_t)count);
    for (int i = 0; i < count; i++) {
        const struct set_trigger_request trigger = read_request(rows, i, call->arena);
        items[i] = item_of(pg_text(rows, i, "id", call->arena), &trigger,
                           pg_int(rows, i, "executed_count"));
    }
    *ret_list = (struct list){items, (size_t)count};
    return STATUS_OK;
}

PG_QUERY(triggers_erase_all, "with claims as (\n"
                             "  delete from events.sound_claims\n"
                             "  where user_id = $1::uuid\n"
                             ")\n"
                             "delete from events.triggers\n"
                             "where user_id = $1::uuid");

enum status triggers_erase(struct pg *db, const char *user_id, int64_t *ret_count)
{
    return pg_none(db, triggers_erase_all, ret_count, PG_TEXT(user_id));
}

/* ---- for lives ---- */

/* Names that are none can't be in the table: they are checked before they come in. */
struct trigger triggers_of_request(struct arena *arena, const char *id,
                                   const struct set_trigger_request *trigger)
{
    enum trigger_event event = TRIGGER_CHAT;
    enum trigger_condition condition = TRIGGER_IF_ALWAYS;
    bool is_known = trigger_event_parse(trigger->event_type, &event) &&
                    trigger_condition_parse(trigger->condition_key, &condition);
    return (struct trigger){
        .id = id,
        .event = event,
        .condition = condition,
        .value = trigger_value(arena, condition, trigger->condition_value),
        .enabled = trigger->enabled && is_known,
        .plays_sound = text_equal(trigger->action, "play_sound"),
        .text_template = trigger->text_template,
        .sound_filename = trigger->sound_filename,
        .combo_count = trigger->combo_count,
        .cooldown_seconds = trigger->cooldown_seconds,
        .user_cooldown_seconds = trigger->user_cooldown_seconds,
        .once_per_stream = trigger->once_per_stream,
        .min_diamonds = trigger->min_diamonds,
    };
}

enum status triggers_load(struct pg *db, const char *user_id, struct arena *arena,
                          struct trigger **ret_triggers, size_t *ret_count)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(db, triggers_of_user, &rows, PG_TEXT(user_id));
    if (status != STATUS_OK)
        return status;
    int count = PQntuples(rows);
    struct trigger *triggers = ARENA_ARRAY(arena, struct trigger, (size_t)count);
    for (int i = 0; i < count; i++) {
        const struct set_trigger_request trigger = read_request(rows, i, arena);
        triggers[i] = triggers_of_request(arena, pg_text(rows, i, "id", arena), &trigger);
    }
    *ret_triggers = triggers;
    *ret_count = (size_t)count;
    return STATUS_OK;
}
