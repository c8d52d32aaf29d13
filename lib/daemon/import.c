/* SPDX-License-Identifier: MIT */
#include "lib/daemon/import.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"

#define ARENA_MAX_BYTES (64 * 1024 * 1024)
#define SELECT_MAX_BYTES 8192
#define OLD_STATEMENT_TIMEOUT_MS 600000 /* sorting a large table takes a while */

static const struct pg_query snapshot = {
    .sql = "set transaction isolation level repeatable read, read only"};
static const struct pg_query find_table = {.sql = "select to_regclass($1) is not null as is_there"};
static const struct pg_query close_rows = {.sql = "close import_rows"};

/* One run of the command. */
struct import {
    const struct import_options *options;
    struct pg *db;
    struct arena *arena;
    struct import_report *report;
    struct pg *old;
    bool is_taken_back;
    enum status looked; /* how the reading went, when all is taken back */
};

/* ---- ours ---- */

struct page {
    const struct import *import;
    const struct import_table *table;
    const PGresult *rows;
};

static enum status take_page(struct pg *db, void *closure)
{
    const struct page *page = closure;
    const struct import *import = page->import;
    for (int row = 0; row < PQntuples(page->rows); row++) {
        struct call call = {.arena = import->arena, .db = db, .now_ms = clock_wall_ms()};
        enum status status = page->table->take(&call, page->rows, row, import->report);
        arena_reset(import->arena);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* ---- theirs ---- */

static enum status open_rows(struct pg *old, const struct pg_query *select)
{
    AUTO_BUFFER(sql, SELECT_MAX_BYTES);
    buffer_printf(&sql, "declare import_rows no scroll cursor for\n%s", select->sql);
    const struct pg_query declare = {.sql = buffer_text(&sql)};
    return pg_none(old, declare, NULL);
}

static enum status fetch_page(struct pg *old, unsigned count, PGresult **ret_rows)
{
    char sql[64];
    snprintf(sql, sizeof(sql), "fetch %u from import_rows", count);
    const struct pg_query fetch = {.sql = sql};
    return pg_each(old, fetch, ret_rows);
}

static enum status take_table(const struct import *import, struct pg *old,
                              const struct import_table *table)
{
    enum status status = open_rows(old, table->select);
    while (status == STATUS_OK) {
        AUTO(PQclear) PGresult *rows = NULL;
        status = fetch_page(old, import->options->page_rows, &rows);
        if (status != STATUS_OK)
            return status;
        if (PQntuples(rows) == 0)
            return pg_none(old, close_rows, NULL);
        struct page page = {import, table, rows};
        status = import->is_taken_back ? take_page(import->db, &page)
                                       : pg_transaction(import->db, take_page, &page);
    }
    return status;
}

static enum status is_there(struct pg *old, const char *table, bool *ret_there)
{
    AUTO(PQclear) PGresult *row = NULL;
    enum status status = pg_one(old, find_table, &row, PG_TEXT(table));
    if (status == STATUS_OK)
        *ret_there = pg_bool(row, 0, "is_there");
    return status;
}

/* In one transaction of the old database, so that its tables fit each other. */
static enum status take_tables(struct pg *old, void *closure)
{
    const struct import *import = closure;
    enum status status = pg_none(old, snapshot, NULL);
    for (size_t i = 0; i < import->options->count && status == STATUS_OK; i++) {
        const struct import_table *table = &import->options->tables[i];
        import_report_begin(import->report, table->name);
        bool there = false;
        status = is_there(old, table->name, &there);
        if (status != STATUS_OK)
            return status;
        if (there)
            status = take_table(import, old, table);
        else
            import_report_missing(import->report);
    }
    return status;
}

/* A transaction of ours around all of it; to fail is how it is taken back. */
static enum status look(struct pg *db, void *closure)
{
    (void)db;
    struct import *import = closure;
    import->looked = pg_transaction(import->old, take_tables, import);
    return STATUS_CONFLICT;
}

/* ---- the command ---- */

static void explain(const struct import *import, enum status status)
{
    const char *ours = pg_error(import->db);
    const char *theirs = pg_error(import->old);
    fprintf(stderr, "%s: the import ended early (%s).\n", import->options->program,
            status_name(status));
    if (*ours)
        fprintf(stderr, "  our database: %s\n", ours);
    if (*theirs)
        fprintf(stderr, "  the old database: %s\n", theirs);
    fputs(import->is_taken_back ? "Nothing was taken over.\n"
                                : "What it has taken over stays; run it again.\n",
          stderr);
}

static enum status run(struct import *import)
{
    if (!import->is_taken_back)
        return pg_transaction(import->old, take_tables, import);
    import->looked = STATUS_UNAVAILABLE; /* unless it begins */
    (void)!pg_transaction(import->db, look, import);
    return import->looked;
}

static int import_by(const struct import_options *options, bool is_taken_back)
{
    if (!*options->old_url) {
        fprintf(stderr, "%s: set OLD_DATABASE_URL to the old backend's database\n",
                options->program);
        return EXIT_FAILURE;
    }
    const struct pg_options ours = database_options(options->service, options->program, NULL);
    const struct pg_options theirs = {.url = options->old_url,
                                      .application_name = options->program,
                                      .statement_timeout_ms = OLD_STATEMENT_TIMEOUT_MS,
                                      .is_foreign = true};
    AUTO(pg_free) struct pg *db = pg_new(&ours);
    AUTO(pg_free) struct pg *old = pg_new(&theirs);
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_MAX_BYTES);
    AUTO(import_report_free) struct import_report *report = import_report_new();
    struct import import = {.options = options,
                            .db = db,
                            .arena = arena,
                            .report = report,
                            .old = old,
                            .is_taken_back = is_taken_back};

    enum status status = run(&import);
    if (status != STATUS_OK) {
        explain(&import, status);
        return EXIT_FAILURE;
    }
    import_report_print(report, stdout);
    if (is_taken_back)
        puts("That is what an import would do: nothing was taken over.");
    return EXIT_SUCCESS;
}

int import_tables(const struct import_options *options)
{
    return import_by(options, false);
}

int import_look(const struct import_options *options)
{
    return import_by(options, true);
}
