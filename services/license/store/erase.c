/* SPDX-License-Identifier: MIT */
#include "services/license/store/erase.h"

#include "services/license/store/entitlements.h"
#include "services/license/store/key_sql.h"

PG_QUERY(erase_emails, "update license.orders\n"
                       "set email = null\n"
                       "where email is not null\n"
                       "  and key in (select key from license.keys where user_id = $1::uuid)");

PG_QUERY(erase_addresses, "update license.audit\n"
                          "set address = null\n"
                          "where actor = $1\n"
                          "  and action = 'redeemed'\n" /* all that a user does, and has an index */
                          "  and address is not null");

PG_QUERY(erase_ownership,
         "with changed as (\n"
         "  update license.keys\n"
         "  set user_id = null,\n"
         "    bound_at = null,\n"
         "    status = case when status = 'revoked' then status else 'inactive' end\n"
         "  where user_id = $3::uuid\n"
         "  returning *\n"
         ")" CHANGED_KEYS("released", ""));

static enum status release_keys(struct call *call, const char *user_id, int64_t *ret_released)
{
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(call->db, erase_ownership, &rows, PG_TEXT("system"), PG_TEXT(NULL),
                                 PG_TEXT(user_id));
    if (status != STATUS_OK)
        return status;
    call_announce(call);
    *ret_released = PQntuples(rows);
    return STATUS_OK;
}

enum status erase_user(struct call *call, const char *user_id, struct erased *ret_erased)
{
    struct erased erased;
    enum status status = pg_none(call->db, erase_emails, &erased.emails, PG_TEXT(user_id));
    if (status != STATUS_OK)
        return status;
    status = pg_none(call->db, erase_addresses, &erased.addresses, PG_TEXT(user_id));
    if (status != STATUS_OK)
        return status;
    status = release_keys(call, user_id, &erased.keys);
    if (status != STATUS_OK)
        return status;
    *ret_erased = erased;
    return entitlements_forget(call, user_id);
}
