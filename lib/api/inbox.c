/* SPDX-License-Identifier: MIT */
#include "lib/api/inbox.h"

#include "lib/base/clock.h"
#include "lib/base/waker.h"
#include "lib/bus/stream.h"

AUTO_DEFINE(jsMsgMetaData *, jsMsgMetaData_Destroy)

#define FETCH_MS 500 /* how long a stop may have to wait */
#define QUIET_FETCHES 10
#define REQUEST_MS 500
#define RETRY_MS 1000
#define DEADLINE_MS 20000 /* of a handler: after 30 s the server delivers the event again */
#define DELAY_FIRST_MS 1000
#define DELAY_LAST_MS 60000
#define ARENA_MAX_BYTES (8 * 1024 * 1024)
#define SQL_SIZE 256
#define LABEL_SIZE 128

struct inbox {
    struct inbox_options options;
    char record_sql[SQL_SIZE];
    struct waker waker; /* only to stop */
    struct listener *listeners;
};

/* A thread, and what it alone uses. */
struct listener {
    struct inbox *inbox;
    const struct inbox_subscription *subscription;
    pthread_t thread;
    struct arena *arena;
    struct pg *db;
    natsSubscription *consumer; /* NULL: none at the moment */
    bool was_away;
    unsigned quiet_fetches; /* those that brought nothing, one after another */
    struct metric *handled;
    struct metric *repeated;
    struct metric *failed;
    struct metric *waiting;
};

/* One delivery. */
struct event {
    struct listener *listener;
    natsMsg *message;
    const char *id;
    void *body;
    struct call call;
    bool is_repeated;
};

/* ---- one event ---- */

static struct call make_call(const struct listener *listener, const struct event *event)
{
    int64_t now_ms = clock_wall_ms();
    return (struct call){
        .arena = listener->arena,
        .db = listener->db,
        .bus = listener->inbox->options.bus,
        .app = listener->inbox->options.app,
        .log = {.request_id = event->id, .subject = natsMsg_GetSubject(event->message)},
        .now_ms = now_ms,
        .deadline_ms = now_ms + DEADLINE_MS,
    };
}

static bool decode(struct event *event)
{
    const struct message *message = event->listener->subscription->message;
    struct slice json = {natsMsg_GetData(event->message),
                         (size_t)natsMsg_GetDataLength(event->message)};
    event->body = arena_alloc(event->listener->arena, message->size);
    return event->id &&
           message_decode(message, json, event->listener->arena, event->body) == STATUS_OK;
}

/* In a transaction. Another replica that has the same event in hand makes the insert wait for its
 * end. */
static enum status record_and_handle(struct pg *db, void *closure)
{
    struct event *event = closure;
    const struct pg_query record = {.sql = event->listener->inbox->record_sql};
    int64_t added = 0;
    enum status status = pg_none(db, record, &added, PG_TEXT(event->id));
    if (status != STATUS_OK)
        return status;
    event->is_repeated = added == 0;
    if (event->is_repeated)
        return STATUS_OK;
    return event->listener->subscription->handle(&event->call, event->body);
}

/* What the server says is left for us when it delivers this one. */
static void count_waiting(const struct listener *listener, natsMsg *message)
{
    AUTO(jsMsgMetaData_Destroy) jsMsgMetaData *about = NULL;
    if (natsMsg_GetMetaData(&about, message) == NATS_OK)
        metric_set(listener->waiting, (int64_t)about->NumPending);
}

/* A second after the first failure, then twice as long each time. */
static int64_t next_delay_ms(natsMsg *message)
{
    AUTO(jsMsgMetaData_Destroy) jsMsgMetaData *about = NULL;
    if (natsMsg_GetMetaData(&about, message) != NATS_OK)
        return DELAY_LAST_MS;
    int64_t delay_ms = DELAY_FIRST_MS;
    for (uint64_t i = 1; i < about->NumDelivered && delay_ms < DELAY_LAST_MS; i++)
        delay_ms *= 2;
    return delay_ms < DELAY_LAST_MS ? delay_ms : DELAY_LAST_MS;
}

/* An acknowledgement that is lost costs a repeated delivery, nothing else. */
static void accept(struct event *event, int64_t started_ms)
{
    const struct inbox_options *options = &event->listener->inbox->options;
    (void)natsMsg_Ack(event->message, NULL);
    metric_add(event->is_repeated ? event->listener->repeated : event->listener->handled, 1);
    if (event->is_repeated)
        return;
    log_info(&event->call.log, "event", LOG_INT("duration_ms", clock_wall_ms() - started_ms));
    if (event->call.has_news && options->on_news)
        options->on_news(options->news_closure);
}

static void put_off(struct event *event, enum status status)
{
    const char *reason = event->call.error ? event->call.error : pg_error(event->call.db);
    int64_t delay_ms = next_delay_ms(event->message);
    (void)natsMsg_NakWithDelay(event->message, delay_ms, NULL);
    metric_add(event->listener->failed, 1);
    log_warning(&event->call.log, "an event could not be handled yet",
                LOG_TEXT("status", status_name(status)), LOG_TEXT("reason", reason),
                LOG_INT("again_in_ms", delay_ms));
}

/* It will never get better. */
static void give_up(struct event *event)
{
    (void)natsMsg_Term(event->message, NULL);
    metric_add(event->listener->failed, 1);
    log_error(&event->call.log, "an event can't be read");
}

static void process(struct listener *listener, natsMsg *message)
{
    struct event event = {.listener = listener, .message = message};
    event.id = bus_header_get(message, "Nats-Msg-Id");
    event.call = make_call(listener, &event);
    count_waiting(listener, message);
    if (!decode(&event)) {
        give_up(&event);
        return;
    }
    pg_begin_call(listener->db, &event.call.log, false);
    enum status status = pg_transaction(listener->db, record_and_handle, &event);
    if (status == STATUS_OK)
        accept(&event, event.call.now_ms);
    else
        put_off(&event, status);
    pg_end_call(listener->db);
}

/* ---- the consumer ---- */

/* Uses the consumer, or makes it when it is not there. What is not set is the server's choice, and
 * an operator may change it: 30 s for an acknowledgement. */
static natsStatus subscribe(struct listener *listener)
{
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = REQUEST_MS;
    jsSubOptions wanted;
    jsSubOptions_Init(&wanted);
    wanted.Stream = stream_events.name;
    wanted.Config.DeliverPolicy = js_DeliverAll;
    wanted.Config.AckPolicy = js_AckExplicit;
    wanted.Config.MaxDeliver = -1;
    wanted.Config.MaxAckPending = -1; /* many that fail would hold up the others */
    return js_PullSubscribe(&listener->consumer, bus_jetstream(listener->inbox->options.bus),
                            listener->subscription->subject, listener->subscription->durable,
                            &options, &wanted, NULL);
}

static bool has_consumer(struct listener *listener)
{
    struct bus *bus = listener->inbox->options.bus;
    if (listener->consumer)
        return true;
    natsStatus status = NATS_CONNECTION_DISCONNECTED;
    if (bus_is_connected(bus) && stream_ensure(bus, &stream_events) == STATUS_OK)
        status = subscribe(listener);
    if (status != NATS_OK && !listener->was_away)
        log_warning(NULL, "no consumer for events",
                    LOG_TEXT("subject", listener->subscription->subject),
                    LOG_TEXT("reason", natsStatus_GetText(status)));
    listener->was_away = status != NATS_OK;
    return status == NATS_OK;
}

/* What comes while the database is away would only be put off. */
static bool has_database(struct listener *listener)
{
    return pg_is_connected(listener->db) || pg_connect(listener->db) == STATUS_OK;
}

/* The server tells only who is waiting that a consumer is deleted; who asks one that is not there
 * hears nothing. */
static bool is_still_there(struct listener *listener)
{
    if (++listener->quiet_fetches < QUIET_FETCHES)
        return true;
    listener->quiet_fetches = 0;
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = REQUEST_MS;
    jsConsumerInfo *info = NULL;
    natsStatus status =
        js_GetConsumerInfo(&info, bus_jetstream(listener->inbox->options.bus), stream_events.name,
                           listener->subscription->durable, &options, NULL);
    jsConsumerInfo_Destroy(info);
    return status == NATS_OK;
}

/* One at a time: of more the library waits for the last one before it gives the first. */
static bool fetch(struct listener *listener)
{
    natsMsgList list = {0};
    natsStatus status = natsSubscription_Fetch(&list, listener->consumer, 1, FETCH_MS, NULL);
    for (int i = 0; i < list.Count; i++)
        process(listener, list.Msgs[i]);
    natsMsgList_Destroy(&list);
    arena_reset(listener->arena);
    if (status == NATS_TIMEOUT) {
        metric_set(listener->waiting, 0);
        return is_still_there(listener);
    }
    listener->quiet_fetches = 0;
    return status == NATS_OK;
}

/* When something is odd the consumer is looked up again. It stays where it is:
 * natsSubscription_Unsubscribe would delete it. */
static bool receive(struct listener *listener)
{
    bool good = fetch(listener);
    if (!good)
        natsSubscription_Destroy(TAKE(listener->consumer));
    return good;
}

static void *listen_for_events(void *closure)
{
    struct listener *listener = closure;
    struct waker *waker = &listener->inbox->waker;
    while (!waker_is_stopping(waker)) {
        if (!has_database(listener) || !has_consumer(listener) || !receive(listener))
            waker_pause(waker, RETRY_MS);
    }
    return NULL;
}

/* ---- starting and stopping ---- */

static void add_metrics(struct listener *listener, struct metrics *metrics)
{
    char label[LABEL_SIZE];
    snprintf(label, sizeof(label), "subject=\"%s\"", listener->subscription->subject);
    listener->handled =
        metrics_counter(metrics, "ttb_inbox_handled_total", "Events handled.", label);
    listener->repeated = metrics_counter(metrics, "ttb_inbox_repeated_total",
                                         "Events that came again after they were handled.", label);
    listener->failed = metrics_counter(metrics, "ttb_inbox_failed_total",
                                       "Deliveries of events that could not be handled.", label);
    listener->waiting = metrics_gauge(metrics, "ttb_inbox_waiting",
                                      "Events that wait behind the last one delivered.", label);
}

static void start_listener(struct inbox *inbox, struct listener *listener,
                           const struct inbox_subscription *subscription)
{
    *listener = (struct listener){
        .inbox = inbox,
        .subscription = subscription,
        .arena = arena_new(ARENA_MAX_BYTES),
        .db = pg_new(inbox->options.database),
    };
    if (inbox->options.metrics)
        add_metrics(listener, inbox->options.metrics);
    if (pthread_create(&listener->thread, NULL, listen_for_events, listener) != 0)
        abort();
    pthread_setname_np(listener->thread, "inbox");
}

struct inbox *inbox_start(const struct inbox_options *options)
{
    struct inbox *inbox = calloc(1, sizeof(*inbox));
    if (!inbox)
        abort();
    inbox->options = *options;
    waker_init(&inbox->waker);
    snprintf(inbox->record_sql, sizeof(inbox->record_sql),
             "insert into %s.inbox (id) values ($1) on conflict do nothing", options->schema);
    inbox->listeners = calloc(options->count + 1, sizeof(*inbox->listeners));
    if (!inbox->listeners)
        abort();
    for (size_t i = 0; i < options->count; i++)
        start_listener(inbox, &inbox->listeners[i], &options->subscriptions[i]);
    return inbox;
}

enum status inbox_forget_old(struct pg *db, const char *schema)
{
    char sql[SQL_SIZE];
    snprintf(sql, sizeof(sql), "delete from %s.inbox where handled_at < now() - interval '31 days'",
             schema);
    const struct pg_query query = {.sql = sql};
    return pg_run_none(db, &query, NULL, NULL, 0);
}

void inbox_stop(struct inbox *inbox)
{
    if (!inbox)
        return;
    waker_stop(&inbox->waker);
    for (size_t i = 0; i < inbox->options.count; i++) {
        struct listener *listener = &inbox->listeners[i];
        pthread_join(listener->thread, NULL);
        natsSubscription_Destroy(listener->consumer);
        pg_free(listener->db);
        arena_free(listener->arena);
    }
    waker_done(&inbox->waker);
    free(inbox->listeners);
    free(inbox);
}
