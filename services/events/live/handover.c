/* SPDX-License-Identifier: MIT */
#include "services/events/live/handover.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/bus/pool.h"
#include "lib/bus/subscriptions.h"

#define TAKEN_SUBJECT "news.events.taken." /* and the id of the replica that held them */
#define CALL_SUBJECT "news.events.call"
#define SUBJECT_MAX 64
#define WAIT_MS 1000
#define NAMES_MAX 10000
#define NAMES_MAX_BYTES ((size_t)512 * 1024)
#define QUEUE_MAX 256

struct handover {
    struct handover_options options;
    struct subscriptions *subscriptions;
    struct pool *pool;
};

/* ---- hearing ---- */

/* A request on its way from the library's thread to ours. */
struct loss {
    struct pool_job job;
    struct handover *handover;
    natsMsg *message;
};

/* The names stand in text, a line each; it is cut up. */
static size_t read_names(char *text, const char *names[NAMES_MAX])
{
    size_t count = 0;
    char *rest = text;
    for (char *name = strsep(&rest, "\n"); name && count < NAMES_MAX; name = strsep(&rest, "\n")) {
        if (*name)
            names[count++] = name;
    }
    return count;
}

static void answer(struct handover *handover, natsMsg *request)
{
    natsMsg *reply = NULL;
    const struct slice nothing = {"", 0};
    const char *inbox = natsMsg_GetReply(request);
    if (inbox && bus_message(inbox, NULL, NULL, 0, nothing, &reply) == STATUS_OK &&
        bus_publish(handover->options.bus, reply) != STATUS_OK)
        log_debug(NULL, "a replica waits in vain for our word");
}

static void run(struct pool_job *job, void *worker)
{
    (void)worker;
    AUTO(free) struct loss *loss = (struct loss *)job;
    const struct handover_options *options = &loss->handover->options;
    size_t size = (size_t)natsMsg_GetDataLength(loss->message);
    AUTO(free) char *text = strndup(natsMsg_GetData(loss->message), size);
    AUTO(free) const char **names = calloc(NAMES_MAX, sizeof(*names));
    if (!text || !names)
        abort();
    size_t count = read_names(text, names);
    options->on_lost(options->closure, names, count);
    answer(loss->handover, loss->message);
    natsMsg_Destroy(loss->message);
}

static void on_taken(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                     void *closure)
{
    (void)connection;
    (void)subscription;
    struct handover *handover = closure;
    struct loss *loss = calloc(1, sizeof(*loss));
    if (!loss)
        abort();
    *loss = (struct loss){.job = {.run = run}, .handover = handover, .message = message};
    if (pool_add(handover->pool, &loss->job) == STATUS_OK)
        return;
    natsMsg_Destroy(message);
    free(loss);
}

static void on_call(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                    void *closure)
{
    (void)connection;
    (void)subscription;
    const struct handover *handover = closure;
    natsMsg_Destroy(message);
    handover->options.on_call(handover->options.closure);
}

/* ---- saying ---- */

void handover_take(struct handover *handover, const char *previous, const char *const names[],
                   size_t count)
{
    char subject[SUBJECT_MAX];
    (void)snprintf(subject, sizeof(subject), TAKEN_SUBJECT "%s", previous);
    AUTO_BUFFER(body, NAMES_MAX_BYTES);
    for (size_t i = 0; i < count; i++)
        buffer_printf(&body, "%s\n", names[i]);

    natsMsg *request = NULL;
    AUTO(natsMsg_Destroy) natsMsg *reply = NULL;
    enum status status = bus_message(subject, NULL, NULL, 0, buffer_slice(&body), &request);
    if (status == STATUS_OK)
        status = bus_request(handover->options.bus, request, clock_wall_ms() + WAIT_MS, &reply);
    log_info(NULL, "took lives over", LOG_TEXT("from", previous), LOG_INT("count", (int64_t)count),
             LOG_TEXT("answer", status_name(status)));
}

void handover_call(struct handover *handover)
{
    natsMsg *message = NULL;
    const struct slice nothing = {"", 0};
    if (bus_message(CALL_SUBJECT, NULL, NULL, 0, nothing, &message) == STATUS_OK &&
        bus_publish(handover->options.bus, message) != STATUS_OK)
        log_debug(NULL, "the others see at their next look what is free");
}

/* ---- life ---- */

static enum status subscribe(struct handover *handover)
{
    char subject[SUBJECT_MAX];
    (void)snprintf(subject, sizeof(subject), TAKEN_SUBJECT "%s", bus_id(handover->options.bus));
    enum status status =
        subscriptions_add(handover->subscriptions, subject, NULL, on_taken, handover);
    if (status == STATUS_OK)
        status = subscriptions_add(handover->subscriptions, CALL_SUBJECT, NULL, on_call, handover);
    if (status == STATUS_OK)
        status = subscriptions_flush(handover->subscriptions);
    return status;
}

enum status handover_start(const struct handover_options *options, struct handover **ret_handover)
{
    struct handover *handover = calloc(1, sizeof(*handover));
    if (!handover)
        abort();
    handover->options = *options;
    handover->subscriptions = subscriptions_new(options->bus);
    const struct pool_options pool = {
        .name = "handover",
        .workers = 1,
        .queue_max = QUEUE_MAX,
        .metrics = options->metrics,
    };
    handover->pool = pool_new(&pool);
    enum status status = subscribe(handover);
    if (status == STATUS_OK)
        *ret_handover = handover;
    else
        handover_stop(handover);
    return status;
}

void handover_stop(struct handover *handover)
{
    if (!handover)
        return;
    subscriptions_free(handover->subscriptions);
    pool_stop(handover->pool);
    pool_free(handover->pool);
    free(handover);
}
