/* SPDX-License-Identifier: MIT */
#include "lib/daemon/database.h"

#include "lib/base/log.h"
#include "lib/daemon/daemon.h"
#include "lib/pg/url.h"

#include <stdatomic.h>

PG_QUERY(daemon_ping, "select 1");

struct database {
    struct pg *pg;
    struct pg_options options;
    atomic_bool is_up;
    struct metric *up;
};

/* Here, since lib/pg does not log. */
static void log_slow(const struct pg_slow *slow)
{
    log_warning(slow->scope, "a statement was slow", LOG_TEXT("query", slow->query),
                LOG_INT("duration_ms", slow->duration_ms),
                LOG_INT("backend_pid", slow->backend_pid));
}

struct pg_options database_options(const struct service_config *config, const char *name,
                                   struct metrics *metrics)
{
    return (struct pg_options){
        .url = config->database_url,
        .password = config->database_password,
        .application_name = name,
        .slow_statement_ms = config->slow_statement_ms,
        .on_slow = log_slow,
        .metrics = metrics,
    };
}

static void check_config(const struct service_config *config, struct buffer *problems)
{
    if (*config->database_password && pg_url_has_password(config->database_url))
        buffer_add_text(problems, "DATABASE_PASSWORD: DATABASE_URL has a password, too\n");
}

static bool note_up(struct database *database, bool is_up)
{
    metric_set(database->up, is_up);
    return atomic_exchange(&database->is_up, is_up);
}

static enum status bring_up_to_date(const struct service_config *config,
                                    const struct migrations *migrations)
{
    char reason[512] = "";
    const struct pg_options database = database_options(config, NULL, NULL);
    enum status status = migrate(&database, migrations, reason, sizeof(reason));
    if (status == STATUS_UNAVAILABLE)
        log_warning(NULL, "postgres is not there yet", LOG_TEXT("reason", reason));
    else if (status != STATUS_OK)
        log_error(NULL, "the schema can't be brought up to date", LOG_TEXT("reason", reason));
    return status;
}

static struct database *open_database(const struct service_config *config, const char *name,
                                      struct metrics *metrics)
{
    struct database *database = calloc(1, sizeof(*database));
    if (!database)
        abort();
    database->options = database_options(config, name, metrics);
    database->pg = pg_new(&database->options);
    database->up = metrics_gauge(metrics, "ttb_pg_up",
                                 "1 while Postgres answers; it is asked every second.", "");
    return database;
}

static enum status connect_database(struct database *database)
{
    enum status status = pg_connect(database->pg);
    if (status == STATUS_UNAVAILABLE)
        log_warning(NULL, "postgres is not there yet", LOG_TEXT("reason", pg_error(database->pg)));
    else if (status != STATUS_OK)
        log_error(NULL, "a query does not prepare", LOG_TEXT("reason", pg_error(database->pg)));
    note_up(database, status == STATUS_OK);
    return status;
}

static void watch(struct database *database)
{
    AUTO(PQclear) PGresult *row = NULL;
    bool is_up = pg_run_one(database->pg, &daemon_ping, &row, NULL, 0) == STATUS_OK;
    if (note_up(database, is_up) == is_up)
        return;
    if (is_up)
        log_info(NULL, "postgres is back");
    else
        log_warning(NULL, "postgres is away", LOG_TEXT("reason", pg_error(database->pg)));
}

static bool database_is_up(const struct database *database)
{
    return atomic_load(&database->is_up);
}

static void close_database(struct database *database)
{
    pg_free(database->pg);
    free(database);
}

const struct daemon_database daemon_database = {
    .check_config = check_config,
    .migrate = bring_up_to_date,
    .open = open_database,
    .connect = connect_database,
    .watch = watch,
    .is_up = database_is_up,
    .close = close_database,
};
