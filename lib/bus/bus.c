/* SPDX-License-Identifier: MIT */
#include "lib/bus/bus.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/uuid.h"
#include "lib/bus/batch.h"
#include "lib/bus/loop.h"

#include <pthread.h>
#include <stdatomic.h>

#define ID_LENGTH 22
#define CONNECT_TIMEOUT_MS 2000
#define RECONNECT_WAIT_MS 100
#define RECONNECT_JITTER_MS 400
#define PING_INTERVAL_MS 3000 /* a server that misses two is taken for dead */
#define FLUSH_TIMEOUT_MS 5000
#define INBOX_PREFIX_SIZE 128

struct bus {
    struct loop *loop;
    natsConnection *connection;
    jsCtx *jetstream;
    struct batch *batch;
    char id[ID_LENGTH + 1];
    /* Kept here, since the library holds the connection's lock while it reconnects: asking it would
     * wait for a server that does not answer. */
    atomic_bool connected;
    atomic_uint losses;
    atomic_uint reconnects;
    _Atomic int64_t next_warning_ms; /* monotonic */
    atomic_bool closing;
    pthread_mutex_t lock;
    pthread_cond_t has_closed;
    bool closed; /* no callback comes after this */
    struct metric *is_connected;
    struct metric *reconnects_counter;
    struct metric *errors;
};

/* ---- what the library reports, from its own threads ---- */

/* One line a second at most: a slow consumer reports every message that it drops. */
static bool may_warn(struct bus *bus)
{
    int64_t now_ms = clock_mono_ms();
    int64_t next_ms = atomic_load(&bus->next_warning_ms);
    return now_ms >= next_ms &&
           atomic_compare_exchange_strong(&bus->next_warning_ms, &next_ms, now_ms + 1000);
}

static void on_error(natsConnection *connection, natsSubscription *subscription, natsStatus problem,
                     void *closure)
{
    (void)connection;
    struct bus *bus = closure;
    metric_add(bus->errors, 1);
    if (may_warn(bus))
        log_warning(NULL, "nats reports an error", LOG_TEXT("reason", natsStatus_GetText(problem)),
                    LOG_TEXT("subject", natsSubscription_GetSubject(subscription)));
}

static void set_connected(struct bus *bus, bool connected)
{
    atomic_store(&bus->connected, connected);
    metric_set(bus->is_connected, connected);
}

static void on_disconnected(natsConnection *connection, void *closure)
{
    (void)connection;
    struct bus *bus = closure;
    set_connected(bus, false);
    atomic_fetch_add(&bus->losses, 1);
    if (!atomic_load(&bus->closing))
        log_warning(NULL, "nats is away");
}

static void on_reconnected(natsConnection *connection, void *closure)
{
    (void)connection;
    struct bus *bus = closure;
    atomic_fetch_add(&bus->reconnects, 1); /* first: who sees us connected sees that it is anew */
    set_connected(bus, true);
    metric_add(bus->reconnects_counter, 1);
    log_info(NULL, "nats is back");
}

/* The last callback. Short of bus_close, the library gives up only when the server refuses our user
 * twice. */
static void on_closed(natsConnection *connection, void *closure)
{
    (void)connection;
    struct bus *bus = closure;
    if (!atomic_load(&bus->closing))
        log_error(NULL, "nats has closed the connection for good");
    pthread_mutex_lock(&bus->lock);
    bus->closed = true;
    pthread_cond_signal(&bus->has_closed);
    pthread_mutex_unlock(&bus->lock);
}

static void wait_until_closed(struct bus *bus)
{
    pthread_mutex_lock(&bus->lock);
    while (!bus->closed)
        pthread_cond_wait(&bus->has_closed, &bus->lock);
    pthread_mutex_unlock(&bus->lock);
}

/* ---- opening ---- */

static void make_id(char id[ID_LENGTH + 1])
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned char random[ID_LENGTH];
    random_bytes(random, sizeof(random));
    for (size_t i = 0; i < ID_LENGTH; i++)
        id[i] = letters[random[i] % (sizeof(letters) - 1)];
    id[ID_LENGTH] = '\0';
}

static natsStatus set_reconnect(natsOptions *options)
{
    natsStatus s = natsOptions_SetMaxReconnect(options, -1);
    if (s == NATS_OK)
        s = natsOptions_SetReconnectWait(options, RECONNECT_WAIT_MS);
    if (s == NATS_OK)
        s = natsOptions_SetReconnectJitter(options, RECONNECT_JITTER_MS, RECONNECT_JITTER_MS);
    if (s == NATS_OK) /* one byte, since 0 means 8 MB: we keep nothing for later */
        s = natsOptions_SetReconnectBufSize(options, 1);
    if (s == NATS_OK)
        s = natsOptions_SetFailRequestsOnDisconnect(options, true);
    return s;
}

static natsStatus set_callbacks(natsOptions *options, struct bus *bus)
{
    natsStatus s = natsOptions_SetErrorHandler(options, on_error, bus);
    if (s == NATS_OK)
        s = natsOptions_SetDisconnectedCB(options, on_disconnected, bus);
    if (s == NATS_OK)
        s = natsOptions_SetReconnectedCB(options, on_reconnected, bus);
    if (s == NATS_OK)
        s = natsOptions_SetClosedCB(options, on_closed, bus);
    return s;
}

static natsStatus set_threads(natsOptions *options, struct bus *bus)
{
    natsStatus s = loop_use(bus->loop, options);
    if (s == NATS_OK) /* one thread for all subscriptions: their callbacks only queue */
        s = natsOptions_UseGlobalMessageDelivery(options, true);
    return s;
}

static natsStatus set_timing(natsOptions *options)
{
    natsStatus s = natsOptions_SetTimeout(options, CONNECT_TIMEOUT_MS);
    if (s == NATS_OK)
        s = natsOptions_SetPingInterval(options, PING_INTERVAL_MS);
    return s;
}

static natsStatus set_identity(natsOptions *options, const struct bus_options *wanted,
                               const struct bus *bus)
{
    char inbox[INBOX_PREFIX_SIZE];
    snprintf(inbox, sizeof(inbox), "_INBOX.%s.%s", wanted->name, bus->id);
    natsStatus s = natsOptions_SetURL(options, wanted->url);
    if (s == NATS_OK)
        s = natsOptions_SetName(options, wanted->name);
    if (s == NATS_OK)
        s = natsOptions_SetCustomInboxPrefix(options, inbox);
    if (s == NATS_OK && wanted->user && *wanted->user)
        s = natsOptions_SetUserInfo(options, wanted->user, wanted->password);
    return s;
}

static natsStatus connect_bus(struct bus *bus, const struct bus_options *wanted)
{
    natsOptions *options = NULL;
    natsStatus s = natsOptions_Create(&options);
    if (s == NATS_OK)
        s = set_identity(options, wanted, bus);
    if (s == NATS_OK)
        s = set_threads(options, bus);
    if (s == NATS_OK)
        s = set_timing(options);
    if (s == NATS_OK)
        s = set_reconnect(options);
    if (s == NATS_OK)
        s = set_callbacks(options, bus);
    if (s == NATS_OK)
        s = natsConnection_Connect(&bus->connection, options);
    if (s == NATS_OK)
        s = natsConnection_JetStream(&bus->jetstream, bus->connection, NULL);
    natsOptions_Destroy(options);
    if (s == NATS_OK && !(bus->batch = batch_new(bus->connection)))
        s = NATS_NO_MEMORY;
    return s;
}

static void add_metrics(struct bus *bus, struct metrics *metrics)
{
    bus->is_connected =
        metrics_gauge(metrics, "ttb_nats_connected", "1 while connected to NATS.", "");
    bus->reconnects_counter = metrics_counter(metrics, "ttb_nats_reconnects_total",
                                              "Times that the connection to NATS came back.", "");
    bus->errors = metrics_counter(metrics, "ttb_nats_errors_total",
                                  "Errors that the NATS library reported.", "");
}

enum status bus_open(const struct bus_options *options, struct bus **ret_bus)
{
    struct bus *bus = calloc(1, sizeof(*bus));
    if (!bus)
        abort();
    pthread_mutex_init(&bus->lock, NULL);
    pthread_cond_init(&bus->has_closed, NULL);
    make_id(bus->id);
    bus->loop = loop_new();
    if (options->metrics)
        add_metrics(bus, options->metrics);
    set_connected(bus, true); /* before the first callback can say otherwise */
    natsStatus s = connect_bus(bus, options);
    if (s != NATS_OK) {
        set_connected(bus, false);
        bus_close(bus);
        return s == NATS_CONNECTION_AUTH_FAILED ? STATUS_FORBIDDEN : STATUS_UNAVAILABLE;
    }
    *ret_bus = bus;
    return STATUS_OK;
}

bool bus_is_connected(const struct bus *bus)
{
    return atomic_load(&bus->connected);
}

unsigned bus_losses(const struct bus *bus)
{
    return atomic_load(&bus->losses);
}

unsigned bus_connection_number(struct bus *bus)
{
    uint64_t reconnects = 0;
    natsStatistics *statistics = NULL;
    if (natsStatistics_Create(&statistics) != NATS_OK)
        abort();
    if (natsConnection_GetStats(bus->connection, statistics) == NATS_OK)
        (void)natsStatistics_GetCounts(statistics, NULL, NULL, NULL, NULL, &reconnects);
    natsStatistics_Destroy(statistics);
    return (unsigned)reconnects;
}

unsigned bus_reconnects(const struct bus *bus)
{
    return atomic_load(&bus->reconnects);
}

const char *bus_id(const struct bus *bus)
{
    return bus->id;
}

natsConnection *bus_connection(struct bus *bus)
{
    return bus->connection;
}

jsCtx *bus_jetstream(struct bus *bus)
{
    return bus->jetstream;
}

struct batch *bus_batch(struct bus *bus)
{
    return bus->batch;
}

/* ---- closing ---- */

/* Callbacks may come until the library has said that it has closed. */
static void close_connection(struct bus *bus)
{
    if (bus_is_connected(bus))
        natsConnection_FlushTimeout(bus->connection, FLUSH_TIMEOUT_MS);
    natsConnection_Close(bus->connection);
    wait_until_closed(bus);
}

void bus_close(struct bus *bus)
{
    if (!bus)
        return;
    atomic_store(&bus->closing, true);
    if (bus->connection)
        close_connection(bus);
    loop_free(bus->loop);
    batch_free(bus->batch);
    jsCtx_Destroy(bus->jetstream);
    natsConnection_Destroy(bus->connection);
    pthread_cond_destroy(&bus->has_closed);
    pthread_mutex_destroy(&bus->lock);
    free(bus);
}
