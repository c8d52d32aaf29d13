/* SPDX-License-Identifier: MIT */
/* What the statements on keys have in common; for store/ only. */
#pragma once

#include "lib/pg/sql.h"
#include "services/license/store/keys.h"

#define ISSUED_AT PG_RFC3339("issued_at")
#define EXPIRES_AT PG_RFC3339("expires_at")
#define KEY_COLUMNS                                                                                \
    "  key,\n"                                                                                     \
    "  plan,\n"                                                                                    \
    "  status,\n"                                                                                  \
    "  " ISSUED_AT " as issued_at,\n"                                                              \
    "  " EXPIRES_AT " as expires_at,\n"                                                            \
    "  user_id,\n"                                                                                 \
    "  max_devices,\n"                                                                             \
    "  devices_bound,\n"                                                                           \
    "  coalesce(expires_at <= now(), false) as is_expired\n"

/* Every statement that changes keys begins with a CTE `changed`, of the rows of license.keys as
 * they are now, and ends with this: the audit's row of each, the news of it, and the keys as its
 * result. One statement, so all stand or fall together, in one round trip. $1 is who changes them,
 * $2 from which address; more is what the audit says beside the key's state, as SQL that follows a
 * jsonb. */
#define CHANGED_KEYS(action, more)                                                                 \
    ", audited as (\n"                                                                             \
    "  insert into license.audit (key, action, actor, address, details)\n"                         \
    "  select key, '" action "', $1, $2,\n"                                                        \
    "    jsonb_build_object('plan', plan, 'status', status, 'user_id', user_id,\n"                 \
    "      'expires_at', " EXPIRES_AT ")" more "\n"                                                \
    "  from changed\n"                                                                             \
    "  returning id, action, details\n"                                                            \
    "), told as (\n"                                                                               \
    "  insert into license.outbox (what, body)\n"                                                  \
    "  select 'key_changed',\n"                                                                    \
    "    jsonb_build_object('audit_id', id, 'action', action) || (details - 'order_id')\n"         \
    "  from audited\n"                                                                             \
    ")\n"                                                                                          \
    "select\n" KEY_COLUMNS "from changed"

/* Reads KEY_COLUMNS. */
struct license_key key_read(struct call *call, const PGresult *rows, int row);
struct license_keys keys_read(struct call *call, const PGresult *rows);
