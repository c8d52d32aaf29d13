/* SPDX-License-Identifier: MIT */
#include "services/media/speech/waiters.h"

#include "lib/base/text.h"

void waiters_init(struct waiters *waiters, unsigned max, unsigned strangers_max,
                  struct metrics *metrics)
{
    *waiters = (struct waiters){.max = max, .strangers_max = strangers_max};
    if (!metrics)
        return;
    waiters->waiting =
        metrics_gauge(metrics, "ttb_speech_waiting", "Requests that wait for their speech", "");
    waiters->refused = metrics_counter(metrics, "ttb_speech_waits_refused_total",
                                       "Requests that found no place to wait", "");
}

bool waiters_add(struct waiters *waiters, const struct waiter *waiter)
{
    if (waiters->count == waiters->max ||
        (waiter->is_stranger && waiters->strangers == waiters->strangers_max)) {
        metric_add(waiters->refused, 1);
        return false;
    }
    struct waiter *added = malloc(sizeof(*added));
    if (!added)
        abort();
    *added = *waiter;
    added->next = waiters->first;
    waiters->first = added;
    waiters->count++;
    waiters->strangers += added->is_stranger;
    metric_set(waiters->waiting, waiters->count);
    return true;
}

/* The one that link points to. */
static void wake(struct waiters *waiters, struct waiter **link)
{
    struct waiter *waiter = *link;
    *link = waiter->next;
    waiters->count--;
    waiters->strangers -= waiter->is_stranger;
    metric_set(waiters->waiting, waiters->count);
    waiter->wake(waiter->closure);
    free(waiter);
}

typedef bool choose_fn(const struct waiter *waiter, const void *closure);

static void wake_those(struct waiters *waiters, choose_fn *choose, const void *closure)
{
    struct waiter **link = &waiters->first;
    while (*link) {
        if (choose(*link, closure))
            wake(waiters, link);
        else
            link = &(*link)->next;
    }
}

static bool is_of_path(const struct waiter *waiter, const void *path)
{
    return text_equal(waiter->path.text, path);
}

static bool is_in_folder(const struct waiter *waiter, const void *folder)
{
    return speech_folder_holds(folder, waiter->path.text);
}

static bool is_late(const struct waiter *waiter, const void *now_ms)
{
    return waiter->until_ms <= *(const int64_t *)now_ms;
}

static bool is_any(const struct waiter *waiter, const void *nothing)
{
    (void)waiter;
    (void)nothing;
    return true;
}

void waiters_wake_path(struct waiters *waiters, const char *path)
{
    wake_those(waiters, is_of_path, path);
}

void waiters_wake_folder(struct waiters *waiters, const struct speech_folder *folder)
{
    wake_those(waiters, is_in_folder, folder);
}

void waiters_wake_late(struct waiters *waiters, int64_t now_ms)
{
    wake_those(waiters, is_late, &now_ms);
}

void waiters_wake_all(struct waiters *waiters)
{
    wake_those(waiters, is_any, NULL);
}

void waiters_adopt(struct waiters *waiters, const char *path, int64_t wait_ms)
{
    for (struct waiter *waiter = waiters->first; waiter; waiter = waiter->next) {
        if (!waiter->is_stranger || !text_equal(waiter->path.text, path))
            continue;
        waiter->is_stranger = false;
        waiter->until_ms = waiter->since_ms + wait_ms;
        waiters->strangers--;
    }
}

int64_t waiters_next_ms(const struct waiters *waiters)
{
    int64_t next_ms = INT64_MAX;
    for (const struct waiter *waiter = waiters->first; waiter; waiter = waiter->next)
        if (waiter->until_ms < next_ms)
            next_ms = waiter->until_ms;
    return next_ms;
}

size_t waiters_of_strangers(const struct waiters *waiters, struct speech_path *ret_paths)
{
    size_t count = 0;
    for (const struct waiter *waiter = waiters->first; waiter; waiter = waiter->next)
        if (waiter->is_stranger)
            ret_paths[count++] = waiter->path;
    return count;
}
