/* SPDX-License-Identifier: MIT */
/* What the services' import commands do alike: they read tables of the old backend's database, in
 * one snapshot of it and without writing there, and take over row by row, a page in a transaction.
 * A run that ends early keeps the pages that it has taken over; the next one finds them there. */
#pragma once

#include "lib/api/call.h"
#include "lib/daemon/daemon.h"
#include "lib/daemon/import_report.h"

struct import_table {
    const char *name; /* in the old database */
    /* Its rows. The columns are text, and a column that the table lacks is null: read by name out
     * of to_jsonb(row). */
    const struct pg_query *select;
    /* Takes one row over, in a transaction of call->db, and tells the report. A failure ends the
     * import. The arena lives as long as the row. */
    enum status (*take)(struct call *call, const PGresult *rows, int row,
                        struct import_report *report);
};

struct import_options {
    const char *program;                  /* "ttb-auth", for what is said on stderr */
    const char *old_url;                  /* OLD_DATABASE_URL; told to set it when empty */
    const struct service_config *service; /* whose database is ours */
    unsigned page_rows;                   /* taken over in one transaction; so many are in memory */
    const struct import_table *tables;
    size_t count;
};

/* Imports the tables in their order and prints the report to stdout. The exit code: 0 when it ran
 * through, whatever it skipped. */
int import_tables(const struct import_options *options);

/* Does the same in one transaction of our database, which it takes back: says what an import would
 * do. What it would change is locked until it ends. */
int import_look(const struct import_options *options);
