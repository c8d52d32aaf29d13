/* SPDX-License-Identifier: MIT */
#include "services/license/store/changes.h"

#include "services/license/store/entitlements.h"
#include "services/license/store/key_sql.h"

#define KEY_PARAM 2 /* $3 */

/* A change of the key $3, if the condition holds; $1 and $2 are CHANGED_KEYS's. */
#define CHANGE(action, set, condition)                                                             \
    "with changed as (\n"                                                                          \
    "  update license.keys\n"                                                                      \
    "  set " set "\n"                                                                              \
    "  where key = $3\n"                                                                           \
    "    and (" condition ")\n"                                                                    \
    "  returning *\n"                                                                              \
    ")" CHANGED_KEYS(action, "")

struct change {
    struct call *call;
    const struct pg_query *query; /* a CHANGE */
    const struct pg_param *params;
    int count;
    struct license_key *ret_key;
};

PG_QUERY(keys_lock_one, "select\n" KEY_COLUMNS "from license.keys\n"
                        "where key = $1\n"
                        "for update");

/* The lock comes first, so that what is told of a key that was not changed is true when it is told.
 * All changes lock the key, then its owner: no deadlock. */
static enum status change_locked(struct pg *db, void *closure)
{
    const struct change *change = closure;
    struct call *call = change->call;
    AUTO(PQclear) PGresult *before = NULL;
    enum status status = pg_maybe(db, keys_lock_one, &before, change->params[KEY_PARAM]);
    if (status != STATUS_OK)
        return status;
    *change->ret_key = key_read(call, before, 0);

    AUTO(PQclear) PGresult *after = NULL;
    status = pg_run_maybe(db, change->query, &after, change->params, change->count);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* as it should be already */
    if (status != STATUS_OK)
        return status;
    *change->ret_key = key_read(call, after, 0);

    call_announce(call);
    const char *owner = change->ret_key->user_id;
    return owner ? entitlements_renew(call, owner) : STATUS_OK;
}

static enum status run_change(struct call *call, const struct pg_query *query,
                              struct license_key *ret_key, const struct pg_param *params, int count)
{
    struct change change = {call, query, params, count, ret_key};
    return pg_transaction(call->db, change_locked, &change);
}

#define change_key(call, query, ret_key, actor, key, ...)                                          \
    run_change(call, &(query), ret_key,                                                            \
               PG_PARAMS(PG_TEXT(actor), PG_TEXT((call)->caller.address),                          \
                         PG_TEXT(key) __VA_OPT__(, ) __VA_ARGS__))

PG_QUERY(keys_revoke_one, CHANGE("revoked", "status = 'revoked'", "status <> 'revoked'"));

enum status keys_revoke(struct call *call, const char *key, struct license_key *ret_key)
{
    return change_key(call, keys_revoke_one, ret_key, "admin", key);
}

#define EXTENDED                                                                                   \
    "least(greatest(expires_at, now()) + make_interval(days => $4::integer),\n"                    \
    "      timestamptz '9999-12-31T23:59:59.999Z')"

PG_QUERY(keys_extend_one,
         CHANGE("extended",
                "status = 'active',\n"
                "    expires_at = case when expires_at is not null then " EXTENDED " end",
                "status <> 'active' or expires_at < " EXTENDED));

enum status keys_extend(struct call *call, const char *key, int64_t days,
                        struct license_key *ret_key)
{
    return change_key(call, keys_extend_one, ret_key, "admin", key, PG_INT(days));
}

PG_QUERY(keys_set_plan_one, CHANGE("plan_set", "plan = $4", "plan is distinct from $4"));

enum status keys_set_plan(struct call *call, const char *key, const char *plan,
                          struct license_key *ret_key)
{
    return change_key(call, keys_set_plan_one, ret_key, "admin", key, PG_TEXT(plan));
}

PG_QUERY(keys_bind_one, CHANGE("redeemed",
                               "user_id = $4::uuid,\n"
                               "    bound_at = now()",
                               "user_id is null\n"
                               "    and status = 'active'\n"
                               "    and (expires_at is null or expires_at > now())"));

enum status keys_bind(struct call *call, const char *key, const char *user_id,
                      struct license_key *ret_key)
{
    return change_key(call, keys_bind_one, ret_key, user_id, key, PG_TEXT(user_id));
}
