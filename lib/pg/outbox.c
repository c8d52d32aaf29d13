/* SPDX-License-Identifier: MIT */
#include "lib/pg/outbox.h"

#include "lib/base/log.h"
#include "lib/base/waker.h"

#define LOOK_INTERVAL_MS 1000
#define GATHER_MS 20 /* a busy service's rows go many at a time */
#define SQL_SIZE 512
#define UUID_TEXT_SIZE 37

struct outbox_relay {
    const char *schema;
    outbox_publish_fn publish;
    void *closure;
    struct pg *db;
    char list_sql[SQL_SIZE];
    char delete_sql[SQL_SIZE];
    struct pg_query list;
    struct pg_query delete;
    pthread_t thread;
    struct waker waker;
    struct outbox_event events[OUTBOX_BATCH_ROWS];
    struct metric *published;
    struct metric *failures;
    struct metric *oldest;
};

/* What came of one look at the table. */
struct look {
    struct outbox_relay *relay;
    int rows;
    bool is_published;
};

/* ---- one look ---- */

static enum status publish_rows(struct outbox_relay *relay, const PGresult *rows, int count)
{
    for (int row = 0; row < count; row++) {
        struct outbox_event *event = &relay->events[row];
        snprintf(event->subject, sizeof(event->subject), "evt.%s.%s", relay->schema,
                 PQgetvalue(rows, row, PQfnumber(rows, "what")));
        event->id = PQgetvalue(rows, row, PQfnumber(rows, "id"));
        event->body = PQgetvalue(rows, row, PQfnumber(rows, "body"));
    }
    enum status status = relay->publish(relay->closure, relay->events, (size_t)count);
    metric_add(status == STATUS_OK ? relay->published : relay->failures, count);
    return status;
}

static enum status delete_rows(struct pg *db, const struct pg_query *query, const PGresult *rows)
{
    AUTO_BUFFER(ids, OUTBOX_BATCH_ROWS * UUID_TEXT_SIZE + 3);
    buffer_add_char(&ids, '{');
    for (int row = 0; row < PQntuples(rows); row++)
        buffer_printf(&ids, "%s%s", row > 0 ? "," : "",
                      PQgetvalue(rows, row, PQfnumber(rows, "id")));
    buffer_add_char(&ids, '}');
    return pg_none(db, *query, NULL, PG_TEXT(buffer_text(&ids)));
}

/* In a transaction: the lock on the rows keeps other replicas waiting until those sent are gone. A
 * row that fails holds up those behind it, since order matters more than speed here. */
static enum status relay_rows(struct pg *db, void *closure)
{
    struct look *look = closure;
    struct outbox_relay *relay = look->relay;
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(db, relay->list, &rows, PG_INT(OUTBOX_BATCH_ROWS));
    if (status != STATUS_OK)
        return status;

    look->rows = PQntuples(rows);
    look->is_published = look->rows == 0 || publish_rows(relay, rows, look->rows) == STATUS_OK;
    metric_set(relay->oldest, look->is_published ? 0 : pg_int(rows, 0, "age_s"));
    if (look->rows == 0 || !look->is_published)
        return STATUS_OK;
    return delete_rows(db, &relay->delete, rows);
}

/* Returns what holds the rows up, or NULL; and how many there were. */
static const char *look_once(struct outbox_relay *relay, int *ret_rows)
{
    struct look look = {.relay = relay};
    enum status status = pg_transaction(relay->db, relay_rows, &look);
    *ret_rows = look.rows;
    if (status != STATUS_OK)
        return pg_error(relay->db);
    return look.is_published ? NULL : "the bus did not take them";
}

/* ---- the thread ---- */

/* A nudge does not hurry what fails. */
static void rest(struct outbox_relay *relay, bool is_held_up, int rows)
{
    if (is_held_up)
        waker_pause(&relay->waker, LOOK_INTERVAL_MS);
    else if (rows == 0)
        waker_wait(&relay->waker, LOOK_INTERVAL_MS);
    else if (rows < OUTBOX_BATCH_ROWS)
        waker_pause(&relay->waker, GATHER_MS);
}

/* The last look begins after the stop, so that it sees all that was written before. */
static void *run(void *closure)
{
    struct outbox_relay *relay = closure;
    bool was_held_up = false;
    for (;;) {
        int rows = 0;
        bool is_stopping = waker_is_stopping(&relay->waker);
        const char *reason = look_once(relay, &rows);
        if (reason && !was_held_up)
            log_warning(NULL, "the outbox is held up", LOG_TEXT("schema", relay->schema),
                        LOG_TEXT("reason", reason));
        was_held_up = reason != NULL;
        if (is_stopping && (was_held_up || rows < OUTBOX_BATCH_ROWS))
            return NULL;
        rest(relay, was_held_up, rows);
    }
}

static void write_queries(struct outbox_relay *relay)
{
    snprintf(relay->list_sql, sizeof(relay->list_sql),
             "select id, what, body,"
             " extract(epoch from clock_timestamp() - created_at)::bigint as age_s"
             " from %s.outbox order by position limit $1 for update",
             relay->schema);
    snprintf(relay->delete_sql, sizeof(relay->delete_sql),
             "delete from %s.outbox where id = any($1::uuid[])", relay->schema);
    relay->list = (struct pg_query){.sql = relay->list_sql};
    relay->delete = (struct pg_query){.sql = relay->delete_sql};
}

struct outbox_relay *outbox_relay_start(const struct pg_options *database, const char *schema,
                                        outbox_publish_fn publish, void *closure,
                                        struct metrics *metrics)
{
    struct outbox_relay *relay = calloc(1, sizeof(*relay));
    if (!relay)
        abort();
    relay->schema = schema;
    relay->publish = publish;
    relay->closure = closure;
    relay->db = pg_new(database);
    write_queries(relay);
    waker_init(&relay->waker);
    if (metrics) {
        relay->published = metrics_counter(metrics, "ttb_outbox_published_total",
                                           "Outbox rows that JetStream has taken.", "");
        relay->failures = metrics_counter(metrics, "ttb_outbox_failures_total",
                                          "Outbox rows that JetStream did not take.", "");
        relay->oldest = metrics_gauge(metrics, "ttb_outbox_oldest_seconds",
                                      "Age of the oldest row that JetStream did not take.", "");
    }
    if (pthread_create(&relay->thread, NULL, run, relay) != 0)
        abort();
    pthread_setname_np(relay->thread, "outbox");
    return relay;
}

void outbox_relay_nudge(struct outbox_relay *relay)
{
    waker_nudge(&relay->waker);
}

void outbox_relay_stop(struct outbox_relay *relay)
{
    if (!relay)
        return;
    waker_stop(&relay->waker);
    pthread_join(relay->thread, NULL);
    pg_free(relay->db);
    waker_done(&relay->waker);
    free(relay);
}
