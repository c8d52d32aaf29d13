/* SPDX-License-Identifier: MIT */
#include "services/events/live/publisher.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/base/waker.h"
#include "lib/bus/stream.h"
#include "lib/bus/subscriptions.h"
#include "services/events/live/ack.h"
#include "services/events/live/backlog.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define KEEP_MS ((int64_t)10 * 60 * 1000)
#define BACKLOG_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define BATCH 64         /* made into messages under one lock */
#define ACK_WAIT_MS 5000 /* then it is sent again */
#define RETRY_MS 1000    /* after a refusal */
#define TICK_MS 10       /* while anything is under way */
#define IDLE_MS 1000
#define FLUSH_TICK_MS 2
#define STOP_WAIT_MS 3000
#define PURGE_WAIT_MS 2000
#define SUBJECT_MAX 96
#define ID_MAX 160
#define WAKE_BELOW (BACKLOG_WINDOW / 2)

static const struct stream live_stream = {
    .name = "LIVE",
    .subjects = "live.>",
    .keep_ms = KEEP_MS,
    .max_per_subject = 1000,
    .duplicates_ms = KEEP_MS, /* an event may be sent again for as long as it would be kept */
};

struct publisher {
    struct bus *bus;
    struct subscriptions *acks;
    char inbox[SUBJECT_MAX]; /* an event's acknowledgement goes to <inbox>.<number> */
    pthread_t thread;
    struct waker waker;
    atomic_llong last_seq;

    pthread_mutex_t lock; /* guards what follows; never held while the bus is used */
    struct backlog backlog;
    unsigned connection; /* which of the bus's connections the events in front were sent on */
    int64_t paused_until_ms;
    int64_t allowed_until_ms;
    int64_t given_up; /* since the backlog was last empty */
    int64_t told;     /* what publisher_settled was when the listener was last called */

    pthread_mutex_t listener_lock; /* guards what follows; held while it is called */
    void (*on_settled)(void *closure);
    void *closure;

    struct metric *stored;
    struct metric *lost;
    struct metric *resent;
    struct metric *waiting;
};

/* ---- under the lock ---- */

static void give_up(struct publisher *publisher, size_t count, const char *reason)
{
    if (count == 0)
        return;
    metric_add(publisher->lost, (int64_t)count);
    if (publisher->given_up == 0)
        log_warning(NULL, "events are given up", LOG_TEXT("reason", reason));
    publisher->given_up += (int64_t)count;
}

/* The end of a stretch in which events were given up. */
static void note_empty(struct publisher *publisher)
{
    if (publisher->given_up > 0)
        log_info(NULL, "events are stored again", LOG_INT("given_up", publisher->given_up));
    publisher->given_up = 0;
}

static void send_again(struct publisher *publisher)
{
    const struct backlog *backlog = &publisher->backlog;
    int64_t sent = (backlog->unsent ? backlog->unsent->number : backlog->position + 1) -
                   (backlog->first ? backlog->first->number : backlog->position + 1);
    metric_add(publisher->resent, sent);
    backlog_rewind(&publisher->backlog);
}

static bool is_overdue(const struct backlog *backlog, int64_t now_ms)
{
    return backlog->first && backlog->first != backlog->unsent &&
           now_ms - backlog->first->sent_ms > ACK_WAIT_MS;
}

/* What was sent on a connection that broke may be lost from some event on: all of it goes again
 * before anything new does. */
static void review(struct publisher *publisher, unsigned connection, int64_t now_ms)
{
    struct backlog *backlog = &publisher->backlog;
    if (connection != publisher->connection || is_overdue(backlog, now_ms))
        send_again(publisher);
    publisher->connection = connection;
    give_up(publisher, backlog_drop_older(backlog, now_ms - KEEP_MS), "too old");
    if (backlog_is_empty(backlog))
        note_empty(publisher);
    metric_set(publisher->waiting, backlog->position - backlog_settled(backlog));
}

static bool may_send(const struct publisher *publisher, int64_t now_ms)
{
    return now_ms < publisher->allowed_until_ms && now_ms >= publisher->paused_until_ms;
}

static natsMsg *make_message(const struct publisher *publisher, const struct backlog_event *event)
{
    char subject[SUBJECT_MAX], reply[SUBJECT_MAX + 24], id[ID_MAX];
    (void)snprintf(subject, sizeof(subject), "live.%s", event->user_id.text);
    (void)snprintf(reply, sizeof(reply), "%s.%" PRId64, publisher->inbox, event->number);
    (void)snprintf(id, sizeof(id), "%s:%s", event->user_id.text, event->id);
    const struct bus_header header = {"Nats-Msg-Id", id};
    natsMsg *message = NULL;
    if (bus_message(subject, reply, &header, 1, event->body, &message) != STATUS_OK)
        return NULL;
    return message;
}

/* ---- the thread ---- */

/* How many messages it made of what is to be sent now. */
static size_t take_batch(struct publisher *publisher, unsigned connection, natsMsg *messages[BATCH])
{
    bool is_connected = bus_is_connected(publisher->bus);
    int64_t now_ms = clock_mono_ms();
    size_t count = 0;
    pthread_mutex_lock(&publisher->lock);
    review(publisher, connection, now_ms);
    while (is_connected && count < BATCH && may_send(publisher, now_ms)) {
        const struct backlog_event *event = backlog_next(&publisher->backlog, now_ms);
        if (!event)
            break;
        messages[count] = make_message(publisher, event);
        if (messages[count]) {
            count++;
            continue;
        }
        give_up(publisher, 1, "not fit to be sent");
        backlog_settle(&publisher->backlog, event->number);
    }
    pthread_mutex_unlock(&publisher->lock);
    return count;
}

static void pause_sending(struct publisher *publisher)
{
    pthread_mutex_lock(&publisher->lock);
    publisher->paused_until_ms = clock_mono_ms() + RETRY_MS;
    send_again(publisher);
    pthread_mutex_unlock(&publisher->lock);
}

/* On the next connection it would overtake what was lost with this one. */
static enum status send_message(struct publisher *publisher, unsigned connection, natsMsg *message)
{
    if (bus_connection_number(publisher->bus) == connection)
        return bus_publish(publisher->bus, message);
    natsMsg_Destroy(message);
    return STATUS_UNAVAILABLE;
}

/* False when there is nothing more to send now. */
static bool send_batch(struct publisher *publisher)
{
    natsMsg *messages[BATCH];
    unsigned connection = bus_connection_number(publisher->bus);
    size_t count = take_batch(publisher, connection, messages);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        if (status == STATUS_OK)
            status = send_message(publisher, connection, messages[i]);
        else
            natsMsg_Destroy(messages[i]);
    }
    if (status != STATUS_OK)
        pause_sending(publisher);
    return count == BATCH && status == STATUS_OK;
}

/* True when all is settled, and told. */
static bool tell(struct publisher *publisher)
{
    pthread_mutex_lock(&publisher->lock);
    bool is_empty = backlog_is_empty(&publisher->backlog);
    int64_t settled = backlog_settled(&publisher->backlog);
    bool has_risen = settled > publisher->told;
    publisher->told = settled;
    pthread_mutex_unlock(&publisher->lock);

    pthread_mutex_lock(&publisher->listener_lock);
    if (has_risen && publisher->on_settled)
        publisher->on_settled(publisher->closure);
    pthread_mutex_unlock(&publisher->listener_lock);
    return is_empty;
}

static bool do_round(struct publisher *publisher)
{
    while (send_batch(publisher))
        ;
    return tell(publisher);
}

/* Daemons are SCHED_BATCH (ADR 8): a thread that wakes waits for those that run. What happens in a
 * live shall not wait here, too. */
static void be_prompt(void)
{
    const struct sched_param parameters = {.sched_priority = 0};
    (void)pthread_setschedparam(pthread_self(), SCHED_OTHER, &parameters);
}

static void *run(void *closure)
{
    struct publisher *publisher = closure;
    be_prompt();
    while (!waker_is_stopping(&publisher->waker)) {
        bool is_idle = do_round(publisher);
        waker_wait(&publisher->waker, is_idle ? IDLE_MS : TICK_MS);
    }
    int64_t until_ms = clock_mono_ms() + STOP_WAIT_MS;
    while (!do_round(publisher) && clock_mono_ms() < until_ms)
        clock_sleep_ms(TICK_MS);
    return NULL;
}

/* ---- acknowledgements, in the library's thread ---- */

/* Whether so much of a full window was settled that sending on is worth waking the thread. */
static bool has_room(const struct backlog *backlog)
{
    return backlog->unsent && backlog->unsent->number - backlog->first->number < WAKE_BELOW;
}

static void on_ack(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                   void *closure)
{
    (void)connection;
    (void)subscription;
    struct publisher *publisher = closure;
    int64_t number = 0;
    const char *last_dot = strrchr(natsMsg_GetSubject(message), '.');
    bool is_known = text_parse_int(last_dot + 1, 1, INT64_MAX, &number);
    enum ack ack = ack_read(message);
    natsMsg_Destroy(message);
    if (ack == ACK_LATER)
        pause_sending(publisher);
    if (!is_known || ack == ACK_LATER)
        return;
    pthread_mutex_lock(&publisher->lock);
    if (ack == ACK_STORED)
        metric_add(publisher->stored, 1);
    else
        give_up(publisher, 1, "refused");
    backlog_settle(&publisher->backlog, number);
    bool has_work = has_room(&publisher->backlog);
    pthread_mutex_unlock(&publisher->lock);
    if (has_work)
        waker_nudge(&publisher->waker);
}

/* ---- life ---- */

static void add_metrics(struct publisher *publisher, struct metrics *metrics)
{
    publisher->stored = metrics_counter(metrics, "ttb_live_published_total",
                                        "Events for users that JetStream has stored.", "");
    publisher->lost = metrics_counter(metrics, "ttb_live_unpublished_total",
                                      "Events for users that were given up.", "");
    publisher->resent = metrics_counter(metrics, "ttb_live_resent_total",
                                        "Events for users that were sent once more.", "");
    publisher->waiting =
        metrics_gauge(metrics, "ttb_live_waiting", "Events for users that are not stored yet.", "");
}

static struct publisher *publisher_alloc(struct bus *bus, struct metrics *metrics)
{
    struct publisher *publisher = calloc(1, sizeof(*publisher));
    if (!publisher)
        abort();
    publisher->bus = bus;
    publisher->connection = bus_connection_number(bus);
    publisher->allowed_until_ms = INT64_MAX;
    (void)snprintf(publisher->inbox, sizeof(publisher->inbox), "_INBOX.events.%s.stored",
                   bus_id(bus));
    add_metrics(publisher, metrics);
    backlog_init(&publisher->backlog, BACKLOG_MAX_BYTES);
    pthread_mutex_init(&publisher->lock, NULL);
    pthread_mutex_init(&publisher->listener_lock, NULL);
    waker_init(&publisher->waker);
    publisher->acks = subscriptions_new(bus);
    return publisher;
}

static void dispose(struct publisher *publisher)
{
    subscriptions_free(publisher->acks); /* no callback comes after this */
    waker_done(&publisher->waker);
    backlog_done(&publisher->backlog);
    pthread_mutex_destroy(&publisher->listener_lock);
    pthread_mutex_destroy(&publisher->lock);
    free(publisher);
}

enum status publisher_new(struct bus *bus, struct metrics *metrics,
                          struct publisher **ret_publisher)
{
    enum status status = stream_ensure(bus, &live_stream);
    if (status != STATUS_OK)
        return status;
    struct publisher *publisher = publisher_alloc(bus, metrics);
    char subject[SUBJECT_MAX + 2];
    (void)snprintf(subject, sizeof(subject), "%s.*", publisher->inbox);
    status = subscriptions_add(publisher->acks, subject, NULL, on_ack, publisher);
    if (status != STATUS_OK) {
        dispose(publisher);
        return status;
    }
    if (pthread_create(&publisher->thread, NULL, run, publisher) != 0)
        abort();
    pthread_setname_np(publisher->thread, "publisher");
    *ret_publisher = publisher;
    return STATUS_OK;
}

void publisher_free(struct publisher *publisher)
{
    if (!publisher)
        return;
    waker_stop(&publisher->waker);
    pthread_join(publisher->thread, NULL);
    int64_t left = publisher_position(publisher) - publisher_settled(publisher);
    if (left > 0)
        log_warning(NULL, "events may not be stored", LOG_INT("count", left));
    dispose(publisher);
}

/* ---- from any thread ---- */

int64_t publisher_next_seq(struct publisher *publisher)
{
    long long now = clock_wall_us();
    long long last = atomic_load(&publisher->last_seq);
    long long next;
    do {
        next = now > last ? now : last + 1;
    } while (!atomic_compare_exchange_weak(&publisher->last_seq, &last, next));
    return next;
}

void publisher_send(struct publisher *publisher, const char *user_id, const char *id,
                    struct slice event)
{
    pthread_mutex_lock(&publisher->lock);
    size_t dropped = backlog_add(&publisher->backlog, user_id, id, event, clock_mono_ms());
    give_up(publisher, dropped, "too many wait");
    pthread_mutex_unlock(&publisher->lock);
    waker_nudge(&publisher->waker);
}

int64_t publisher_position(struct publisher *publisher)
{
    pthread_mutex_lock(&publisher->lock);
    int64_t position = publisher->backlog.position;
    pthread_mutex_unlock(&publisher->lock);
    return position;
}

int64_t publisher_settled(struct publisher *publisher)
{
    pthread_mutex_lock(&publisher->lock);
    int64_t settled = backlog_settled(&publisher->backlog);
    pthread_mutex_unlock(&publisher->lock);
    return settled;
}

void publisher_on_settled(struct publisher *publisher, void (*fn)(void *closure), void *closure)
{
    pthread_mutex_lock(&publisher->listener_lock);
    publisher->on_settled = fn;
    publisher->closure = closure;
    pthread_mutex_unlock(&publisher->listener_lock);
}

void publisher_allow(struct publisher *publisher, int64_t until_ms)
{
    pthread_mutex_lock(&publisher->lock);
    publisher->allowed_until_ms = until_ms;
    pthread_mutex_unlock(&publisher->lock);
}

static bool is_allowed(struct publisher *publisher)
{
    pthread_mutex_lock(&publisher->lock);
    bool allowed = clock_mono_ms() < publisher->allowed_until_ms;
    pthread_mutex_unlock(&publisher->lock);
    return allowed;
}

void publisher_flush(struct publisher *publisher, int64_t wait_ms)
{
    int64_t until_ms = clock_mono_ms() + (is_allowed(publisher) ? wait_ms : 0);
    int64_t position = publisher_position(publisher);
    while (publisher_settled(publisher) < position && clock_mono_ms() < until_ms)
        clock_sleep_ms(FLUSH_TICK_MS);
    pthread_mutex_lock(&publisher->lock);
    size_t dropped = backlog_drop_to(&publisher->backlog, position);
    give_up(publisher, dropped, "not stored in time");
    pthread_mutex_unlock(&publisher->lock);
}

enum status publisher_purge(struct publisher *publisher, const char *user_id)
{
    pthread_mutex_lock(&publisher->lock);
    size_t dropped = backlog_drop_user(&publisher->backlog, user_id);
    metric_add(publisher->lost, (int64_t)dropped);
    pthread_mutex_unlock(&publisher->lock);

    char subject[SUBJECT_MAX];
    (void)snprintf(subject, sizeof(subject), "live.%s", user_id);
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = PURGE_WAIT_MS;
    options.Stream.Purge.Subject = subject;
    natsStatus status =
        js_PurgeStream(bus_jetstream(publisher->bus), live_stream.name, &options, NULL);
    return status == NATS_OK ? STATUS_OK : STATUS_UNAVAILABLE;
}
