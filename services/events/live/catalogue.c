/* SPDX-License-Identifier: MIT */
#include "services/events/live/catalogue.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/waker.h"
#include "services/events/store/gifts.h"
#include "services/events/webcast/gift_list.h"

#include <stdatomic.h>

#define BATCH_MAX 500
#define ARENA_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define GATHER_MS 1000       /* what comes within it is written together */
#define LOOK_EVERY_MS 600000 /* whether the list may be asked for */
#define RETRY_MS 5000        /* after Postgres was away */

struct catalogue {
    struct catalogue_options options;
    struct metric *written;
    struct metric *lists_taken;
    struct metric *lists_refused;

    pthread_mutex_t lock; /* of the set */
    struct gift_set *set;
    atomic_llong room_id; /* of a live; 0: none yet */
    struct waker waker;
    atomic_bool is_stopping; /* for the request under way */
    pthread_t thread;

    /* The thread's. */
    struct pg *db;
    struct arena *arena;
    struct http_client *client;
    int64_t next_look_ms;
    bool has_read; /* the catalogue, as it was */
};

/* ---- what is told ---- */

static bool note(struct catalogue *catalogue, const struct live_gift *gift)
{
    pthread_mutex_lock(&catalogue->lock);
    bool is_news = gift_set_add(catalogue->set, gift, clock_mono_ms());
    pthread_mutex_unlock(&catalogue->lock);
    return is_news;
}

void catalogue_take_event(struct catalogue *catalogue, const struct live_event *event)
{
    bool is_first_room = event->room_id > 0 && atomic_load(&catalogue->room_id) == 0;
    if (event->room_id > 0)
        atomic_store(&catalogue->room_id, event->room_id);
    bool is_news = event->type == LIVE_GIFT && note(catalogue, &event->gift);
    if (is_news || is_first_room)
        waker_nudge(&catalogue->waker);
}

bool catalogue_describe(struct catalogue *catalogue, int64_t gift_id,
                        char ret_name[GIFT_NAME_MAX_BYTES + 1], int64_t *ret_diamond_count)
{
    pthread_mutex_lock(&catalogue->lock);
    bool is_known = gift_set_describe(catalogue->set, gift_id, ret_name, ret_diamond_count);
    pthread_mutex_unlock(&catalogue->lock);
    return is_known;
}

/* ---- what others have learned ---- */

static void read_once(struct catalogue *catalogue)
{
    struct gift *gifts = NULL;
    size_t count = 0;
    if (catalogue->has_read ||
        gifts_list(catalogue->db, catalogue->arena, &gifts, &count) != STATUS_OK)
        return;
    catalogue->has_read = true;
    pthread_mutex_lock(&catalogue->lock);
    for (size_t i = 0; i < count; i++)
        gift_set_know(catalogue->set, &gifts[i], clock_mono_ms());
    pthread_mutex_unlock(&catalogue->lock);
    arena_reset(catalogue->arena);
}

/* ---- TikTok's list ---- */

static void take_listed(void *closure, const struct live_gift *gift)
{
    struct catalogue *catalogue = closure;
    (void)note(catalogue, gift);
}

static void ask(struct catalogue *catalogue, int64_t room_id)
{
    size_t told = gift_list_ask(catalogue->client, catalogue->options.webcast_base, room_id,
                                catalogue->arena, take_listed, catalogue);
    arena_reset(catalogue->arena);
    metric_add(told > 0 ? catalogue->lists_taken : catalogue->lists_refused, 1);
    log_info(NULL,
             told > 0 ? "read TikTok's list of gifts" : "TikTok's list of gifts is not to be had",
             LOG_INT("gifts", (int64_t)told));
}

static void ask_when_due(struct catalogue *catalogue)
{
    int64_t now_ms = clock_mono_ms();
    int64_t room_id = atomic_load(&catalogue->room_id);
    if (!catalogue->options.asks_list || room_id == 0 || now_ms < catalogue->next_look_ms)
        return;
    enum status status = gift_list_claim(catalogue->db, CATALOGUE_LIST_S);
    bool is_known = status == STATUS_OK || status == STATUS_NOT_FOUND;
    catalogue->next_look_ms = now_ms + (is_known ? LOOK_EVERY_MS : RETRY_MS);
    if (status == STATUS_OK)
        ask(catalogue, room_id);
}

/* ---- writing ---- */

static size_t take(struct catalogue *catalogue, struct gift gifts[BATCH_MAX])
{
    pthread_mutex_lock(&catalogue->lock);
    size_t count =
        gift_set_take(catalogue->set, clock_mono_ms(), catalogue->arena, gifts, BATCH_MAX);
    pthread_mutex_unlock(&catalogue->lock);
    return count;
}

static void give_back(struct catalogue *catalogue, const struct gift *gifts, size_t count)
{
    pthread_mutex_lock(&catalogue->lock);
    gift_set_give_back(catalogue->set, gifts, count);
    pthread_mutex_unlock(&catalogue->lock);
}

/* False when something is left, since Postgres is away. */
static bool write_all(struct catalogue *catalogue)
{
    struct gift gifts[BATCH_MAX];
    size_t count;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && (count = take(catalogue, gifts)) > 0) {
        status = gifts_upsert(catalogue->db, gifts, count);
        if (status == STATUS_OK)
            metric_add(catalogue->written, (int64_t)count);
        else
            give_back(catalogue, gifts, count);
        arena_reset(catalogue->arena);
    }
    if (status != STATUS_OK)
        log_debug(NULL, "gifts can't be written down", LOG_TEXT("reason", pg_error(catalogue->db)));
    return status == STATUS_OK;
}

static void *run(void *closure)
{
    struct catalogue *catalogue = closure;
    while (!waker_is_stopping(&catalogue->waker)) {
        read_once(catalogue);
        ask_when_due(catalogue);
        bool is_done = write_all(catalogue) && catalogue->has_read;
        waker_pause(&catalogue->waker, GATHER_MS);
        waker_wait(&catalogue->waker, is_done ? LOOK_EVERY_MS : RETRY_MS);
    }
    if (!write_all(catalogue))
        log_warning(NULL, "gifts that were seen are not written down");
    return NULL;
}

/* ---- start and stop ---- */

static void make_metrics(struct catalogue *catalogue, struct metrics *metrics)
{
    static const char help[] = "Requests for TikTok's list of gifts.";
    catalogue->written = metrics_counter(metrics, "ttb_gifts_written_total",
                                         "Gifts written to the catalogue, new or again.", "");
    catalogue->lists_taken =
        metrics_counter(metrics, "ttb_gift_lists_total", help, "outcome=\"taken\"");
    catalogue->lists_refused =
        metrics_counter(metrics, "ttb_gift_lists_total", help, "outcome=\"refused\"");
}

struct catalogue *catalogue_start(const struct catalogue_options *options)
{
    struct catalogue *catalogue = calloc(1, sizeof(*catalogue));
    if (!catalogue)
        abort();
    catalogue->options = *options;
    make_metrics(catalogue, options->metrics);
    pthread_mutex_init(&catalogue->lock, NULL);
    catalogue->set = gift_set_new();
    waker_init(&catalogue->waker);
    catalogue->db = pg_new(options->database);
    catalogue->arena = arena_new(ARENA_MAX_BYTES);
    catalogue->client = http_client_new(&catalogue->is_stopping, options->ca_file);
    if (pthread_create(&catalogue->thread, NULL, run, catalogue) != 0)
        abort();
    pthread_setname_np(catalogue->thread, "catalogue");
    return catalogue;
}

void catalogue_stop(struct catalogue *catalogue)
{
    if (!catalogue)
        return;
    atomic_store(&catalogue->is_stopping, true);
    waker_stop(&catalogue->waker);
    pthread_join(catalogue->thread, NULL);
    http_client_free(catalogue->client);
    arena_free(catalogue->arena);
    pg_free(catalogue->db);
    waker_done(&catalogue->waker);
    gift_set_free(catalogue->set);
    pthread_mutex_destroy(&catalogue->lock);
    free(catalogue);
}
