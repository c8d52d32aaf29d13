/* SPDX-License-Identifier: MIT */
#include "services/auth/store/users.h"

#include "services/auth/store/sessions.h"

/* ---- finding ---- */

struct user users_read(struct call *call, const PGresult *rows, int row)
{
    return (struct user){
        .id = pg_text(rows, row, "id", call->arena),
        .username = pg_text(rows, row, "username", call->arena),
        .password_hash = pg_text(rows, row, "password_hash", call->arena),
        .role = pg_text(rows, row, "role", call->arena),
        .is_banned = pg_bool(rows, row, "is_banned"),
        .is_confirmed = pg_bool(rows, row, "is_confirmed"),
    };
}

static enum status find(struct call *call, const struct pg_query *query, const char *value,
                        struct user *ret_user)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_run_maybe(call->db, query, &row, PG_PARAMS(PG_TEXT(value)));
    if (status == STATUS_OK)
        *ret_user = users_read(call, row, 0);
    return status;
}

PG_QUERY(users_by_id, "select\n" USERS_COLUMNS "\n"
                      "from auth.users\n"
                      "where id = $1::uuid");

enum status users_find(struct call *call, const char *id, struct user *ret_user)
{
    return find(call, &users_by_id, id, ret_user);
}

PG_QUERY(users_by_name, "select\n" USERS_COLUMNS "\n"
                        "from auth.users\n"
                        "where username = $1");

enum status users_find_by_name(struct call *call, const char *username, struct user *ret_user)
{
    return find(call, &users_by_name, username, ret_user);
}

/* ---- making ---- */

PG_QUERY(users_insert_one, "with added as (\n"
                           "  insert into auth.users (id, username, password_hash, is_confirmed)\n"
                           "  values ($1::uuid, $2, $3, $4::boolean)\n"
                           "  returning id\n"
                           ")\n"
                           "insert into auth.settings (user_id)\n"
                           "select id\n"
                           "from added");

enum status users_insert(struct call *call, const char *id, const char *username,
                         const char *password_hash, bool is_confirmed)
{
    return pg_none(call->db, users_insert_one, NULL, PG_TEXT(id), PG_TEXT(username),
                   PG_TEXT(password_hash), PG_BOOL(is_confirmed));
}

/* STATUS_NOT_FOUND when the query changed no row. */
static enum status change_one(struct call *call, const struct pg_query *query,
                              const struct pg_param *params, int count)
{
    int64_t changed = 0;
    enum status status = pg_run_none(call->db, query, &changed, params, count);
    return status == STATUS_OK && changed == 0 ? STATUS_NOT_FOUND : status;
}

PG_QUERY(users_take_back_one, "delete from auth.users\n"
                              "where id = $1::uuid and not is_confirmed");

enum status users_take_back(struct call *call, const char *id)
{
    return change_one(call, &users_take_back_one, PG_PARAMS(PG_TEXT(id)));
}

PG_QUERY(users_confirm_one, "update auth.users\n"
                            "set is_confirmed = true\n"
                            "where id = $1::uuid");

enum status users_confirm(struct call *call, const char *id)
{
    return change_one(call, &users_confirm_one, PG_PARAMS(PG_TEXT(id)));
}

/* ---- changing ---- */

PG_QUERY(users_update_hash_one, "update auth.users\n"
                                "set password_hash = $3\n"
                                "where id = $1::uuid and password_hash = $2");

enum status users_update_hash(struct call *call, const char *id, const char *old_hash,
                              const char *new_hash)
{
    return change_one(call, &users_update_hash_one,
                      PG_PARAMS(PG_TEXT(id), PG_TEXT(old_hash), PG_TEXT(new_hash)));
}

/* A change of a user in a transaction, together with the end of sessions. */
struct change {
    struct call *call;
    const struct user *user;
    const char *new_username;
    const char *new_hash;
    int64_t token_ttl_s;
};

PG_QUERY(users_change_one, "update auth.users\n"
                           "set username = coalesce($4, username),\n"
                           "  password_hash = coalesce($5, password_hash)\n"
                           "where id = $1::uuid and username = $2 and password_hash = $3");

static enum status change_in_transaction(struct pg *pg, void *closure)
{
    (void)pg;
    const struct change *change = closure;
    struct call *call = change->call;
    const struct user *user = change->user;
    enum status status = change_one(
        call, &users_change_one,
        PG_PARAMS(PG_TEXT(user->id), PG_TEXT(user->username), PG_TEXT(user->password_hash),
                  PG_TEXT(change->new_username), PG_TEXT(change->new_hash)));
    if (status != STATUS_OK)
        return status;
    return sessions_end_all(call, user->id, call->caller.session_id, change->token_ttl_s);
}

enum status users_change(struct call *call, const struct user *user, const char *new_username,
                         const char *new_hash, int64_t token_ttl_s)
{
    struct change change = {call, user, new_username, new_hash, token_ttl_s};
    return pg_transaction(call->db, change_in_transaction, &change);
}

/* ---- deleting ---- */

/* The rest goes with the row in users. */
PG_QUERY(users_erase_traces, "with forgotten as (\n"
                             "  delete from auth.login_attempts\n"
                             "  where subject in (\n"
                             "    select 'account:' || $2\n"
                             "    union all\n"
                             "    select 'known:' || $2 || '|' || address\n"
                             "    from auth.known_addresses\n"
                             "    where user_id = $1::uuid\n"
                             "  )\n"
                             ")\n"
                             "delete from auth.entitlements\n"
                             "where user_id = $1::uuid");

PG_QUERY(users_delete_one, "with gone as (\n"
                           "  delete from auth.users\n"
                           "  where id = $1::uuid\n"
                           "  returning id\n"
                           ")\n"
                           "insert into auth.outbox (what, body)\n"
                           "select 'user_deleted', jsonb_build_object('user_id', id)\n"
                           "from gone");

static enum status delete_in_transaction(struct pg *pg, void *closure)
{
    const struct change *change = closure;
    struct call *call = change->call;
    const struct user *user = change->user;
    enum status status =
        pg_none(pg, users_erase_traces, NULL, PG_TEXT(user->id), PG_TEXT(user->username));
    if (status != STATUS_OK)
        return status;
    status = change_one(call, &users_delete_one, PG_PARAMS(PG_TEXT(user->id)));
    if (status != STATUS_OK)
        return status;
    return sessions_end_all(call, user->id, NULL, change->token_ttl_s);
}

enum status users_delete(struct call *call, const struct user *user, int64_t token_ttl_s)
{
    struct change change = {.call = call, .user = user, .token_ttl_s = token_ttl_s};
    return pg_transaction(call->db, delete_in_transaction, &change);
}

PG_QUERY(users_tell_gone, "with gone as (\n"
                          "  select $1::uuid as id\n"
                          "  where not exists (select from auth.users where id = $1::uuid)\n"
                          "),\n"
                          "erased as (\n"
                          "  delete from auth.entitlements\n"
                          "  using gone\n"
                          "  where user_id = gone.id\n"
                          ")\n"
                          "insert into auth.outbox (what, body)\n"
                          "select 'user_deleted', jsonb_build_object('user_id', id)\n"
                          "from gone");

enum status users_tell_if_gone(struct call *call, const char *id)
{
    enum status status = change_one(call, &users_tell_gone, PG_PARAMS(PG_TEXT(id)));
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* nothing to tell: the user is there */
    if (status != STATUS_OK)
        return status;
    call_announce(call);
    return call_fail(call, STATUS_UNAUTHENTICATED, "user not found");
}

/* ---- for the operator ---- */

PG_QUERY(users_set_role_one, "update auth.users\n"
                             "set role = $2\n"
                             "where username = $1");

enum status users_set_role(struct call *call, const char *username, const char *role)
{
    return change_one(call, &users_set_role_one, PG_PARAMS(PG_TEXT(username), PG_TEXT(role)));
}

PG_QUERY(users_set_banned, "update auth.users\n"
                           "set is_banned = $2::boolean\n"
                           "where id = $1::uuid");

static enum status ban_in_transaction(struct pg *pg, void *closure)
{
    (void)pg;
    const struct change *change = closure;
    enum status status = change_one(change->call, &users_set_banned,
                                    PG_PARAMS(PG_TEXT(change->user->id), PG_BOOL(true)));
    if (status != STATUS_OK)
        return status;
    return sessions_end_all(change->call, change->user->id, NULL, change->token_ttl_s);
}

enum status users_ban(struct call *call, const char *username, int64_t token_ttl_s)
{
    struct user user;
    enum status status = users_find_by_name(call, username, &user);
    if (status != STATUS_OK)
        return status;
    struct change change = {.call = call, .user = &user, .token_ttl_s = token_ttl_s};
    return pg_transaction(call->db, ban_in_transaction, &change);
}

enum status users_unban(struct call *call, const char *username)
{
    struct user user;
    enum status status = users_find_by_name(call, username, &user);
    if (status != STATUS_OK)
        return status;
    return change_one(call, &users_set_banned, PG_PARAMS(PG_TEXT(user.id), PG_BOOL(false)));
}
