/* SPDX-License-Identifier: MIT */
#include "lib/daemon/tidy.h"

#include "lib/api/inbox.h"
#include "lib/base/clock.h"
#include "lib/base/uuid.h"
#include "lib/base/waker.h"

#define INTERVAL_MS 60000
#define DEADLINE_MS 30000
#define ARENA_MAX_BYTES (8 * 1024 * 1024)

struct tidy {
    struct tidy_options options;
    struct waker waker; /* only to stop */
    pthread_t thread;
    struct arena *arena;
    struct pg *db;
};

static enum status tidy_all(const struct tidy *tidy, struct call *call)
{
    const struct tidy_options *options = &tidy->options;
    enum status status = options->tidy ? options->tidy(call) : STATUS_OK;
    if (status != STATUS_OK || !options->inbox_schema)
        return status;
    return inbox_forget_old(tidy->db, options->inbox_schema);
}

static void run_once(struct tidy *tidy)
{
    int64_t now_ms = clock_wall_ms();
    struct call call = {
        .arena = tidy->arena,
        .db = tidy->db,
        .bus = tidy->options.bus,
        .app = tidy->options.app,
        .now_ms = now_ms,
        .deadline_ms = now_ms + DEADLINE_MS,
    };
    enum status status = tidy_all(tidy, &call);
    if (status != STATUS_OK)
        log_warning(NULL, "tidying up failed", LOG_TEXT("status", status_name(status)),
                    LOG_TEXT("reason", call.error ? call.error : pg_error(tidy->db)));
    if (call.has_news && tidy->options.on_news)
        tidy->options.on_news(tidy->options.news_closure);
    arena_reset(tidy->arena);
}

/* Between half of the interval and one and a half. */
static int64_t next_wait_ms(void)
{
    uint32_t random;
    random_bytes(&random, sizeof(random));
    return INTERVAL_MS / 2 + random % INTERVAL_MS;
}

static void *run(void *closure)
{
    struct tidy *tidy = closure;
    while (!waker_is_stopping(&tidy->waker)) {
        run_once(tidy);
        waker_pause(&tidy->waker, next_wait_ms());
    }
    return NULL;
}

struct tidy *tidy_start(const struct tidy_options *options)
{
    struct tidy *tidy = calloc(1, sizeof(*tidy));
    if (!tidy)
        abort();
    tidy->options = *options;
    waker_init(&tidy->waker);
    tidy->arena = arena_new(ARENA_MAX_BYTES);
    tidy->db = pg_new(options->database);
    if (pthread_create(&tidy->thread, NULL, run, tidy) != 0)
        abort();
    pthread_setname_np(tidy->thread, "tidy");
    return tidy;
}

void tidy_stop(struct tidy *tidy)
{
    if (!tidy)
        return;
    waker_stop(&tidy->waker);
    pthread_join(tidy->thread, NULL);
    pg_free(tidy->db);
    arena_free(tidy->arena);
    waker_done(&tidy->waker);
    free(tidy);
}
