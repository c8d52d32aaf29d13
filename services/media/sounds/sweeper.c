/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/sweeper.h"

#include "lib/base/clock.h"
#include "lib/base/waker.h"
#include "lib/daemon/database.h"
#include "services/media/config.h"
#include "services/media/sounds/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define ARENA_MAX_BYTES (4 * 1024 * 1024)

struct sweeper {
    struct sweeper_options options;
    struct waker waker; /* only to stop */
    pthread_t thread;
    struct arena *arena;
    struct pg *db;
    struct metric *files;
    struct metric *drafts;
    struct metric *folders;
    struct metric *missing;
};

static bool is_stopping(void *closure)
{
    struct sweeper *sweeper = closure;
    return waker_is_stopping(&sweeper->waker);
}

/* Quiet when there was nothing to do. */
static void report(const struct sweeper *sweeper, const struct swept *swept)
{
    metric_add(sweeper->files, swept->files);
    metric_add(sweeper->drafts, swept->drafts);
    metric_add(sweeper->folders, swept->folders);
    metric_set(sweeper->missing, swept->missing);
    if (swept->files + swept->drafts + swept->missing > 0)
        log_info(NULL, "swept the sounds", LOG_INT("files", swept->files),
                 LOG_INT("drafts", swept->drafts), LOG_INT("missing", swept->missing));
}

static void sweep_once(struct sweeper *sweeper)
{
    int64_t now_ms = clock_wall_ms();
    struct call call = {.arena = sweeper->arena, .db = sweeper->db, .now_ms = now_ms};
    const struct sweep_options options = {
        .root = sweeper->options.root,
        .call = &call,
        .now_s = now_ms / 1000,
        .must_stop = is_stopping,
        .closure = sweeper,
    };
    struct swept swept;
    enum status status = sweep_sounds(&options, &swept);
    report(sweeper, &swept);
    if (status != STATUS_OK)
        log_warning(NULL, "sweeping the sounds failed", LOG_TEXT("status", status_name(status)),
                    LOG_TEXT("reason", pg_error(sweeper->db)));
}

static void *run(void *closure)
{
    struct sweeper *sweeper = closure;
    while (!is_stopping(sweeper)) {
        sweep_once(sweeper);
        waker_pause(&sweeper->waker, (int64_t)sweeper->options.interval_s * 1000);
    }
    return NULL;
}

static void add_metrics(struct sweeper *sweeper, struct metrics *metrics)
{
    static const char name[] = "ttb_sounds_swept_total";
    static const char help[] = "What the sweeper of sounds removed.";
    sweeper->files = metrics_counter(metrics, name, help, "what=\"file\"");
    sweeper->drafts = metrics_counter(metrics, name, help, "what=\"draft\"");
    sweeper->folders = metrics_counter(metrics, name, help, "what=\"folder\"");
    sweeper->missing = metrics_gauge(metrics, "ttb_sounds_missing",
                                     "Sounds without a file, at the last sweep.", "");
}

struct sweeper *sweeper_start(const struct sweeper_options *options)
{
    struct sweeper *sweeper = calloc(1, sizeof(*sweeper));
    if (!sweeper)
        abort();
    sweeper->options = *options;
    waker_init(&sweeper->waker);
    sweeper->arena = arena_new(ARENA_MAX_BYTES);
    sweeper->db = pg_new(options->database);
    if (options->metrics)
        add_metrics(sweeper, options->metrics);
    if (pthread_create(&sweeper->thread, NULL, run, sweeper) != 0)
        abort();
    pthread_setname_np(sweeper->thread, "sweeper");
    return sweeper;
}

void sweeper_stop(struct sweeper *sweeper)
{
    if (!sweeper)
        return;
    waker_stop(&sweeper->waker);
    pthread_join(sweeper->thread, NULL);
    pg_free(sweeper->db);
    arena_free(sweeper->arena);
    waker_done(&sweeper->waker);
    free(sweeper);
}

/* ---- the command ---- */

static int sweep_root(const struct media_config *config, int root)
{
    const struct pg_options database = database_options(&config->service, "media", NULL);
    AUTO(pg_free) struct pg *db = pg_new(&database);
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_MAX_BYTES);
    struct call call = {.arena = arena, .db = db, .now_ms = clock_wall_ms()};
    const struct sweep_options options = {.root = root, .call = &call, .now_s = call.now_ms / 1000};
    struct swept swept;
    enum status status = sweep_sounds(&options, &swept);
    printf("removed %u files without a sound, %u unfinished uploads and %u empty folders\n",
           swept.files, swept.drafts, swept.folders);
    if (swept.missing > 0)
        printf("%u sounds have no file\n", swept.missing);
    if (status != STATUS_OK)
        fprintf(stderr, "ttb-media: %s\n", pg_error(db));
    return status == STATUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int sweeper_command(const void *config, const char *const *arguments)
{
    (void)arguments;
    const struct media_config *media = config;
    int root = open(media->media_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        fprintf(stderr, "ttb-media: %s: %s\n", media->media_root, strerror(errno));
        return EXIT_FAILURE;
    }
    int code = sweep_root(media, root);
    close(root);
    return code;
}
