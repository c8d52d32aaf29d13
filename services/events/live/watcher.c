/* SPDX-License-Identifier: MIT */
#include "services/events/live/watcher.h"

#include "lib/base/text.h"

struct watcher *watcher_new(const char *user_id)
{
    struct watcher *watcher = calloc(1, sizeof(*watcher));
    if (!watcher)
        abort();
    snprintf(watcher->user_id.text, sizeof(watcher->user_id.text), "%s", user_id);
    return watcher;
}

void watcher_update(struct watcher *watcher, const struct watcher_settings *settings)
{
    watcher->tts_enabled = settings->tts_enabled;
    if (text_equal(watcher->voice_id, settings->voice_id))
        return;
    free(watcher->voice_id);
    watcher->voice_id = strdup(settings->voice_id);
    if (!watcher->voice_id)
        abort();
}

void watcher_free(struct watcher *watcher)
{
    free(watcher->voice_id);
    free(watcher);
}
