/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/ended_sync.h"

#include "gen/auth/messages.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/waker.h"
#include "lib/bus/subscriptions.h"
#include "services/gateway/trace.h"

#include <stdatomic.h>

#define ARENA_MAX_BYTES ((size_t)32 * 1024 * 1024) /* a message on NATS has at most 2 MiB */
#define REQUEST_TIMEOUT_MS 2000
#define LOOK_EVERY_MS 30000
#define RETRY_MS 500
#define PAUSE_MS 50 /* after a look: what ends meanwhile is asked for together */
#define POLL_MS 200 /* how late we notice that NATS was away */

/* A row is dated by the beginning of its transaction, and seen after its end. */
#define NEWS_OVERLAP_MS 5000
#define LOOK_OVERLAP_MS 60000

struct ended_sync {
    struct ended_sync_options options;
    struct subscriptions *subscriptions;
    struct arena *arena;
    struct waker waker;
    atomic_bool has_news;
    pthread_t thread;

    /* The thread's own. */
    int64_t seen_ms;     /* auth's wall time when all that had ended was known; 0: never */
    int64_t look_at_ms;  /* monotonic */
    unsigned reconnects; /* of the bus, before the last look */
    bool is_failing;
};

/* In NATS' thread. */
static void on_event(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                     void *closure)
{
    (void)connection;
    (void)subscription;
    struct ended_sync *sync = closure;
    natsMsg_Destroy(message);
    atomic_store(&sync->has_news, true);
    waker_nudge(&sync->waker);
}

/* ---- a look ---- */

static enum status read_page(struct ended_sync *sync, int64_t since_ms, const char *after,
                             struct ended_sessions_reply *ret_page)
{
    struct trace trace;
    trace_begin(&trace, NULL, NULL);
    int64_t now_ms = clock_wall_ms();
    struct call call = {
        .arena = sync->arena,
        .bus = sync->options.bus,
        .log = trace_scope(&trace),
        .traceparent = trace.traceparent,
        .now_ms = now_ms,
        .deadline_ms = now_ms + REQUEST_TIMEOUT_MS,
    };
    const struct ended_sessions_request in = {.since_ms = since_ms, .after = after};
    arena_reset(sync->arena);
    *ret_page = (struct ended_sessions_reply){0};
    return auth_ended_sessions(&call, &in, ret_page);
}

/* Returns whether any of it is news. */
static bool take_page(struct ended *ended, const struct ended_sessions_reply *page)
{
    const struct ended_session *sessions = page->sessions.items;
    const struct token_cutoff *cutoffs = page->cutoffs.items;
    int64_t now_s = clock_wall_ms() / 1000;
    bool is_news = false;
    for (size_t i = 0; i < page->sessions.count; i++)
        is_news |= ended_add_session(ended, sessions[i].session_id, sessions[i].expires_s, now_s);
    for (size_t i = 0; i < page->cutoffs.count; i++)
        is_news |= ended_add_cutoff(ended, cutoffs[i].user_id, cutoffs[i].issued_before_s,
                                    cutoffs[i].except_session, cutoffs[i].expires_s, now_s);
    return is_news;
}

/* Reads all that ended at since_ms or later. */
static enum status read_all(struct ended_sync *sync, int64_t since_ms, bool *ret_is_news)
{
    struct ended_sessions_reply page;
    struct uuid after = {""};
    int64_t first_page_ms = 0;
    do {
        if (waker_is_stopping(&sync->waker))
            return STATUS_UNAVAILABLE;
        enum status status = read_page(sync, since_ms, *after.text ? after.text : NULL, &page);
        if (status != STATUS_OK)
            return status;
        if (first_page_ms == 0)
            first_page_ms = page.now_ms;
        *ret_is_news |= take_page(sync->options.ended, &page);
        snprintf(after.text, sizeof(after.text), "%s", page.next ? page.next : "");
    } while (page.next);
    sync->seen_ms = first_page_ms;
    return STATUS_OK;
}

/* Once when it begins to fail and once when that is over. */
static void log_change(struct ended_sync *sync, enum status status)
{
    bool is_failing = status != STATUS_OK;
    if (is_failing == sync->is_failing || waker_is_stopping(&sync->waker))
        return;
    sync->is_failing = is_failing;
    if (is_failing)
        log_warning(NULL, "auth does not tell which sessions have ended",
                    LOG_TEXT("status", status_name(status)));
    else
        log_info(NULL, "auth tells again which sessions have ended");
}

static void look(struct ended_sync *sync)
{
    bool is_news = false;
    int64_t overlap_ms =
        atomic_exchange(&sync->has_news, false) ? NEWS_OVERLAP_MS : LOOK_OVERLAP_MS;
    int64_t since_ms = sync->seen_ms > overlap_ms ? sync->seen_ms - overlap_ms : 0;
    sync->reconnects = bus_reconnects(sync->options.bus);
    enum status status = read_all(sync, since_ms, &is_news);
    if (status == STATUS_OK)
        ended_set_known(sync->options.ended);
    if (is_news)
        sync->options.on_news(sync->options.closure);
    log_change(sync, status);
    sync->look_at_ms = clock_mono_ms() + (status == STATUS_OK ? LOOK_EVERY_MS : RETRY_MS);
}

/* ---- the thread ---- */

static bool is_due(struct ended_sync *sync)
{
    return atomic_load(&sync->has_news) || clock_mono_ms() >= sync->look_at_ms ||
           bus_reconnects(sync->options.bus) != sync->reconnects;
}

static void *run(void *closure)
{
    struct ended_sync *sync = closure;
    while (!waker_is_stopping(&sync->waker)) {
        if (!is_due(sync)) {
            waker_wait(&sync->waker, POLL_MS);
            continue;
        }
        look(sync);
        waker_pause(&sync->waker, PAUSE_MS);
    }
    return NULL;
}

static void sync_free(struct ended_sync *sync)
{
    subscriptions_free(sync->subscriptions);
    waker_done(&sync->waker);
    arena_free(sync->arena);
    free(sync);
}

enum status ended_sync_start(const struct ended_sync_options *options, struct ended_sync **ret_sync)
{
    struct ended_sync *sync = calloc(1, sizeof(*sync));
    if (!sync)
        abort();
    sync->options = *options;
    sync->arena = arena_new(ARENA_MAX_BYTES);
    sync->subscriptions = subscriptions_new(options->bus);
    waker_init(&sync->waker);
    enum status status =
        subscriptions_add(sync->subscriptions, EVT_AUTH_SESSIONS_ENDED, NULL, on_event, sync);
    if (status != STATUS_OK) {
        sync_free(sync);
        return status;
    }
    if (pthread_create(&sync->thread, NULL, run, sync) != 0)
        abort();
    *ret_sync = sync;
    return STATUS_OK;
}

void ended_sync_stop(struct ended_sync *sync)
{
    if (!sync)
        return;
    waker_stop(&sync->waker);
    pthread_join(sync->thread, NULL);
    sync_free(sync);
}
