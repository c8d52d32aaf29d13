/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/leveller.h"

#include "lib/base/clock.h"
#include "services/media/sounds/level.h"

#include <pthread.h>

#define ARENA_MAX_BYTES (4 * 1024 * 1024)
#define RUSH_UPLOADS 8 /* in RUSH_MS: uploads don't wait then, and levelling steps back */
#define RUSH_MS 1000
#define REST_RATIO 9           /* in a rush it rests so many times as long as it worked */
#define LOOK_INTERVAL_MS 30000 /* for what another daemon has left behind */

struct leveller {
    struct leveller_options options;
    struct level level;
    pthread_t thread;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    uint64_t told;                 /* sounds that were stored here */
    int64_t told_ms[RUSH_UPLOADS]; /* when the last of them were, by their number */
    int64_t rush_end_ms;
    uint64_t looked; /* as many of them had been told of before the last look that is over */
    bool is_stopping;
};

static struct timespec time_of_ms(int64_t mono_ms)
{
    return (struct timespec){mono_ms / 1000, mono_ms % 1000 * 1000000};
}

/* In a rush uploads go first: SCHED_IDLE alone does not see to that where each daemon has its share
 * of the cores, as in containers. Returns whether to go on. */
static bool rest(struct leveller *leveller, int64_t worked_ms)
{
    int64_t rested_ms = clock_mono_ms() + worked_ms * REST_RATIO;
    pthread_mutex_lock(&leveller->lock);
    for (;;) {
        int64_t until_ms = leveller->rush_end_ms < rested_ms ? leveller->rush_end_ms : rested_ms;
        if (leveller->is_stopping || clock_mono_ms() >= until_ms)
            break;
        struct timespec until = time_of_ms(until_ms);
        pthread_cond_timedwait(&leveller->changed, &leveller->lock, &until);
    }
    bool goes_on = !leveller->is_stopping;
    pthread_mutex_unlock(&leveller->lock);
    return goes_on;
}

/* One after another until there is none, or one fails for want of something else. */
static void level_all(struct leveller *leveller)
{
    enum status status;
    int64_t began_ms;
    do {
        began_ms = clock_mono_ms();
        status = level_next(&leveller->level);
    } while (status == STATUS_OK && rest(leveller, clock_mono_ms() - began_ms));
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        log_warning(NULL, "levelling the sounds failed", LOG_TEXT("status", status_name(status)),
                    LOG_TEXT("reason", pg_error(leveller->level.call.db)));
}

static void *run(void *closure)
{
    struct leveller *leveller = closure;
    pthread_mutex_lock(&leveller->lock);
    while (!leveller->is_stopping) {
        uint64_t told = leveller->told;
        pthread_mutex_unlock(&leveller->lock);
        level_all(leveller);
        pthread_mutex_lock(&leveller->lock);
        leveller->looked = told;
        pthread_cond_broadcast(&leveller->changed);
        struct timespec until = time_of_ms(clock_mono_ms() + LOOK_INTERVAL_MS);
        int waited = 0;
        while (!leveller->is_stopping && leveller->told == told && waited == 0)
            waited = pthread_cond_timedwait(&leveller->changed, &leveller->lock, &until);
    }
    pthread_mutex_unlock(&leveller->lock);
    return NULL;
}

struct leveller *leveller_start(const struct leveller_options *options)
{
    struct leveller *leveller = calloc(1, sizeof(*leveller));
    if (!leveller)
        abort();
    leveller->options = *options;
    leveller->level = (struct level){
        .root = options->root,
        .config = options->config,
        .audio = options->audio,
        .call = {.arena = arena_new(ARENA_MAX_BYTES), .db = pg_new(options->database)},
    };
    if (options->metrics)
        leveller->level.done =
            metrics_counter(options->metrics, "ttb_sounds_levelled_total",
                            "Sounds measured, and made as loud as the others.", "");
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&leveller->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&leveller->lock, NULL);
    if (pthread_create(&leveller->thread, NULL, run, leveller) != 0)
        abort();
    pthread_setname_np(leveller->thread, "leveller");
    return leveller;
}

/* Notes an upload, and when a rush would end that it belongs to. Returns its number. */
static uint64_t note_upload(struct leveller *leveller, int64_t now_ms)
{
    int64_t *oldest_ms = &leveller->told_ms[leveller->told % RUSH_UPLOADS];
    if (leveller->told >= RUSH_UPLOADS && now_ms - *oldest_ms < RUSH_MS)
        leveller->rush_end_ms = now_ms + RUSH_MS;
    *oldest_ms = now_ms;
    return ++leveller->told;
}

void leveller_tell(struct leveller *leveller, unsigned wait_ms)
{
    int64_t now_ms = clock_mono_ms();
    struct timespec until = time_of_ms(now_ms + wait_ms);
    pthread_mutex_lock(&leveller->lock);
    bool is_idle = leveller->looked == leveller->told;
    uint64_t number = note_upload(leveller, now_ms);
    bool waits = is_idle && now_ms >= leveller->rush_end_ms;
    pthread_cond_broadcast(&leveller->changed);
    int waited = 0;
    while (waits && leveller->looked < number && !leveller->is_stopping && waited == 0)
        waited = pthread_cond_timedwait(&leveller->changed, &leveller->lock, &until);
    pthread_mutex_unlock(&leveller->lock);
}

void leveller_stop(struct leveller *leveller)
{
    if (!leveller)
        return;
    pthread_mutex_lock(&leveller->lock);
    leveller->is_stopping = true;
    pthread_cond_broadcast(&leveller->changed);
    pthread_mutex_unlock(&leveller->lock);
    audio_stop(leveller->options.audio);
    pthread_join(leveller->thread, NULL);
    pthread_cond_destroy(&leveller->changed);
    pthread_mutex_destroy(&leveller->lock);
    pg_free(leveller->level.call.db);
    arena_free(leveller->level.call.arena);
    free(leveller);
}
