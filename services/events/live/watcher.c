/* SPDX-License-Identifier: MIT */
#include "services/events/live/watcher.h"

#include <stdio.h>

struct watcher *watcher_new(const char *user_id)
{
    struct watcher *watcher = calloc(1, sizeof(*watcher));
    if (!watcher)
        abort();
    (void)snprintf(watcher->user_id.text, sizeof(watcher->user_id.text), "%s", user_id);
    watcher->firings = firings_new();
    return watcher;
}

void watcher_set_profile(struct watcher *watcher, struct profile *profile)
{
    profile_free(watcher->profile);
    watcher->profile = profile;
}

void watcher_free(struct watcher *watcher)
{
    profile_free(watcher->profile);
    firings_free(watcher->firings);
    free(watcher);
}
