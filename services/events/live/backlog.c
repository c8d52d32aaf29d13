/* SPDX-License-Identifier: MIT */
#include "services/events/live/backlog.h"

#include "lib/base/text.h"

void backlog_init(struct backlog *backlog, size_t max_bytes)
{
    *backlog = (struct backlog){.max_bytes = max_bytes};
    backlog->end = &backlog->first;
}

static size_t size_of(const struct backlog_event *event)
{
    return sizeof(*event) + strlen(event->id) + 1 + event->body.size;
}

/* ---- the front ---- */

static void pop(struct backlog *backlog)
{
    struct backlog_event *event = backlog->first;
    if (backlog->unsent == event)
        backlog->unsent = event->next;
    backlog->first = event->next;
    if (!backlog->first)
        backlog->end = &backlog->first;
    backlog->bytes -= size_of(event);
    free(event);
}

static void pop_settled(struct backlog *backlog)
{
    while (backlog->first && backlog->first->is_settled)
        pop(backlog);
}

/* ---- in and out ---- */

static struct backlog_event *event_new(const char *user_id, const char *id, struct slice body)
{
    size_t id_size = strlen(id) + 1;
    struct backlog_event *event = malloc(sizeof(*event) + id_size + body.size);
    if (!event)
        abort();
    *event = (struct backlog_event){0};
    char *texts = (char *)(event + 1);
    (void)snprintf(event->user_id.text, sizeof(event->user_id.text), "%s", user_id);
    event->id = memcpy(texts, id, id_size);
    event->body = (struct slice){memcpy(texts + id_size, body.data, body.size), body.size};
    return event;
}

size_t backlog_add(struct backlog *backlog, const char *user_id, const char *id, struct slice body,
                   int64_t now_ms)
{
    struct backlog_event *event = event_new(user_id, id, body);
    event->number = ++backlog->position;
    event->added_ms = now_ms;
    *backlog->end = event;
    backlog->end = &event->next;
    if (!backlog->unsent)
        backlog->unsent = event;
    backlog->bytes += size_of(event);

    size_t dropped = 0;
    for (; backlog->bytes > backlog->max_bytes; pop(backlog))
        dropped += !backlog->first->is_settled;
    pop_settled(backlog);
    return dropped;
}

const struct backlog_event *backlog_next(struct backlog *backlog, int64_t now_ms)
{
    while (backlog->unsent && backlog->unsent->is_settled)
        backlog->unsent = backlog->unsent->next;
    struct backlog_event *event = backlog->unsent;
    if (!event || event->number - backlog->first->number >= BACKLOG_WINDOW)
        return NULL;
    event->sent_ms = now_ms;
    backlog->unsent = event->next;
    return event;
}

/* Acknowledgements come in order, or nearly: the search is short. */
void backlog_settle(struct backlog *backlog, int64_t number)
{
    struct backlog_event *event = backlog->first;
    while (event && event->number < number)
        event = event->next;
    if (event && event->number == number)
        event->is_settled = true;
    pop_settled(backlog);
}

void backlog_rewind(struct backlog *backlog)
{
    backlog->unsent = backlog->first;
}

size_t backlog_drop_older(struct backlog *backlog, int64_t then_ms)
{
    size_t dropped = 0;
    for (; backlog->first && backlog->first->added_ms < then_ms; pop(backlog))
        dropped += !backlog->first->is_settled;
    pop_settled(backlog);
    return dropped;
}

size_t backlog_drop_to(struct backlog *backlog, int64_t last)
{
    size_t dropped = 0;
    for (; backlog->first && backlog->first->number <= last; pop(backlog))
        dropped += !backlog->first->is_settled;
    pop_settled(backlog);
    return dropped;
}

size_t backlog_drop_user(struct backlog *backlog, const char *user_id)
{
    size_t dropped = 0;
    for (struct backlog_event *event = backlog->first; event; event = event->next) {
        if (event->is_settled || !text_equal(event->user_id.text, user_id))
            continue;
        event->is_settled = true;
        dropped++;
    }
    pop_settled(backlog);
    return dropped;
}

bool backlog_is_empty(const struct backlog *backlog)
{
    return !backlog->first;
}

int64_t backlog_settled(const struct backlog *backlog)
{
    return backlog->first ? backlog->first->number - 1 : backlog->position;
}

void backlog_done(struct backlog *backlog)
{
    while (backlog->first)
        pop(backlog);
}
