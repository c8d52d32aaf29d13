/* SPDX-License-Identifier: MIT */
/* Schema migrations that were embedded at build by tools/embed-sql from
 * services/<name>/migrations/NNNN_what.sql. They run forward only, each in its own transaction,
 * under an advisory lock, so that replicas may start at once. The table <schema>.migrations stores
 * the checksum of each: an edited history is refused, and so is a schema newer than the program,
 * unless each migration that is too new says in its file, by a line `-- additive`, that earlier
 * programs can live with it: during an upgrade, and after one was taken back. */
#pragma once

#include "lib/base/status.h"
#include "lib/pg/pg.h"

#include <stdbool.h>
#include <stddef.h>

struct migration {
    int number;
    const char *name; /* "0001_users" */
    const char *sql;
    const char *checksum; /* SHA-256, hexadecimal */
    bool additive; /* takes nothing away and asks for nothing that earlier programs don't do */
};

struct migrations {
    const char *schema; /* the service's name */
    const struct migration *items;
    size_t count;
};

/* Brings the schema up to date over a connection of its own, for which database gives the URL and
 * the password. Errors are explained in reason (at least reason_size bytes of text):
 * STATUS_UNAVAILABLE when the database can't be reached, STATUS_CONFLICT when the history differs
 * or is newer, STATUS_INTERNAL when a migration fails. */
MUST_CHECK enum status migrate(const struct pg_options *database,
                               const struct migrations *migrations, char *reason,
                               size_t reason_size);
