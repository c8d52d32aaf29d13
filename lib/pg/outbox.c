/* SPDX-License-Identifier: MIT */
#include "lib/pg/outbox.h"

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <pthread.h>

#define LOOK_INTERVAL_MS 1000
#define BATCH_ROWS 100
#define SQL_SIZE 512
#define SUBJECT_SIZE 256
#define UUID_TEXT_SIZE 37

struct outbox_relay {
    struct pg_options database;
    const char *schema;
    outbox_publish_fn publish;
    void *closure;
    struct pg *db;
    char list_sql[SQL_SIZE];
    char delete_sql[SQL_SIZE];
    struct pg_query list;
    struct pg_query delete;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
    bool nudged;
    struct metric *published;
    struct metric *failures;
};

/* What came of one look at the table. */
struct batch {
    struct outbox_relay *relay;
    int rows;
    int published;
};

static bool is_stopping(struct outbox_relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    bool stopping = relay->stopping;
    pthread_mutex_unlock(&relay->lock);
    return stopping;
}

/* ---- one batch ---- */

static bool publish_row(struct outbox_relay *relay, const PGresult *rows, int row)
{
    char subject[SUBJECT_SIZE];
    snprintf(subject, sizeof(subject), "evt.%s.%s", relay->schema,
             PQgetvalue(rows, row, PQfnumber(rows, "what")));
    enum status status =
        relay->publish(relay->closure, subject, PQgetvalue(rows, row, PQfnumber(rows, "id")),
                       PQgetvalue(rows, row, PQfnumber(rows, "body")));
    metric_add(status == STATUS_OK ? relay->published : relay->failures, 1);
    return status == STATUS_OK;
}

/* Deletes the first rows of the result, which JetStream has acknowledged. */
static enum status delete_rows(struct pg *db, const struct pg_query *query, const PGresult *rows,
                               int count)
{
    AUTO_BUFFER(ids, BATCH_ROWS * UUID_TEXT_SIZE + 3);
    buffer_add_char(&ids, '{');
    for (int row = 0; row < count; row++)
        buffer_printf(&ids, "%s%s", row > 0 ? "," : "",
                      PQgetvalue(rows, row, PQfnumber(rows, "id")));
    buffer_add_char(&ids, '}');
    return pg_none(db, *query, NULL, PG_TEXT(buffer_text(&ids)));
}

/* In a transaction: the lock on the rows keeps other replicas waiting until those sent are gone. A
 * row that fails holds up those behind it, since order matters more than speed here. */
static enum status relay_batch(struct pg *db, void *closure)
{
    struct batch *batch = closure;
    struct outbox_relay *relay = batch->relay;
    AUTO(PQclear) PGresult *rows = NULL;
    enum status status = pg_each(db, relay->list, &rows, PG_INT(BATCH_ROWS));
    if (status != STATUS_OK)
        return status;

    batch->rows = PQntuples(rows);
    while (batch->published < batch->rows && !is_stopping(relay) &&
           publish_row(relay, rows, batch->published))
        batch->published++;
    if (batch->published == 0)
        return STATUS_OK;
    return delete_rows(db, &relay->delete, rows, batch->published);
}

/* ---- the thread ---- */

/* Until the next look or the stop, or a nudge if that may wake us. */
static void wait_for_work(struct outbox_relay *relay, bool heed_nudges)
{
    int64_t until_ms = clock_mono_ms() + LOOK_INTERVAL_MS;
    struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};
    int waited = 0;
    pthread_mutex_lock(&relay->lock);
    while (!relay->stopping && !(heed_nudges && relay->nudged) && waited == 0)
        waited = pthread_cond_timedwait(&relay->changed, &relay->lock, &until);
    relay->nudged = false;
    pthread_mutex_unlock(&relay->lock);
}

/* One look at the table. Returns what holds the rows up, or NULL; *ret_more says whether there are
 * more to send. */
static const char *look(struct outbox_relay *relay, bool *ret_more)
{
    struct batch batch = {.relay = relay};
    enum status status = pg_transaction(relay->db, relay_batch, &batch);
    *ret_more = batch.rows == BATCH_ROWS;
    if (status != STATUS_OK)
        return pg_error(relay->db);
    return batch.published < batch.rows ? "the bus did not take a row" : NULL;
}

static void *run(void *closure)
{
    struct outbox_relay *relay = closure;
    bool was_held_up = false;
    while (!is_stopping(relay)) {
        bool more = false;
        const char *reason = look(relay, &more);
        if (reason && !was_held_up && !is_stopping(relay))
            log_warning(NULL, "the outbox is held up", LOG_TEXT("schema", relay->schema),
                        LOG_TEXT("reason", reason));
        was_held_up = reason != NULL;
        if (reason || !more)
            wait_for_work(relay, !reason); /* a nudge does not hurry what fails */
    }
    return NULL;
}

static void write_queries(struct outbox_relay *relay)
{
    snprintf(relay->list_sql, sizeof(relay->list_sql),
             "select id, what, body from %s.outbox order by position limit $1 for update",
             relay->schema);
    snprintf(relay->delete_sql, sizeof(relay->delete_sql),
             "delete from %s.outbox where id = any($1::uuid[])", relay->schema);
    relay->list = (struct pg_query){.sql = relay->list_sql};
    relay->delete = (struct pg_query){.sql = relay->delete_sql};
}

static void init_waiting(struct outbox_relay *relay)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&relay->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&relay->lock, NULL);
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
    init_waiting(relay);
    if (metrics) {
        relay->published = metrics_counter(metrics, "ttb_outbox_published_total",
                                           "Outbox rows that JetStream has taken.", "");
        relay->failures = metrics_counter(metrics, "ttb_outbox_failures_total",
                                          "Outbox rows that JetStream did not take.", "");
    }
    if (pthread_create(&relay->thread, NULL, run, relay) != 0)
        abort();
    pthread_setname_np(relay->thread, "outbox");
    return relay;
}

void outbox_relay_nudge(struct outbox_relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    relay->nudged = true;
    pthread_cond_signal(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
}

void outbox_relay_stop(struct outbox_relay *relay)
{
    if (!relay)
        return;
    pthread_mutex_lock(&relay->lock);
    relay->stopping = true;
    pthread_cond_signal(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
    pthread_join(relay->thread, NULL);
    pg_free(relay->db);
    pthread_cond_destroy(&relay->changed);
    pthread_mutex_destroy(&relay->lock);
    free(relay);
}
