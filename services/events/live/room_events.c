/* SPDX-License-Identifier: MIT */
#include "services/events/live/room_inside.h"

#include "lib/base/clock.h"

#include <stdio.h>

#define VIEWERS_EVERY_MS 1000
#define SILENT_AFTER_MS 3000 /* a live that is on brings something every 2 s */
#define DELETED_MAX 512      /* messages told of in one event */

/* ---- any event ---- */

/* One that TikTok gave no id gets one of ours, since clients tell events apart by them. */
static void make_event_id(struct room *room, const struct live_event *event, const char *suffix,
                          char id[ROOM_ID_MAX])
{
    if (event->msg_id == 0)
        (void)snprintf(id, ROOM_ID_MAX, "s%lld%s",
                       (long long)publisher_next_seq(room->context.publisher), suffix);
    else
        (void)snprintf(id, ROOM_ID_MAX, "%lld%s", (long long)event->msg_id, suffix);
}

/* occasion is NULL for an event that nothing is played for. */
static void send_event(struct room *room, const struct live_event *event,
                       const struct occasion *occasion, int64_t now_ms)
{
    char id[ROOM_ID_MAX];
    make_event_id(room, event, "", id);
    for (struct watcher *watcher = room->watchers; watcher; watcher = watcher->next) {
        struct event_envelope envelope = room_envelope(room, id);
        if (occasion)
            reactor_react(room->context.reactor, room->context.scratch, watcher, occasion,
                          event->msg_id, now_ms, &envelope);
        if (event_json_write(&envelope, event, &room->json))
            room_send(room, watcher, id);
    }
}

static void take_other(struct room *room, const struct live_event *event, int64_t now_ms)
{
    struct occasion occasion;
    bool is_occasion = room->watchers && occasion_of(room->context.arena, event, &occasion);
    send_event(room, event, is_occasion ? &occasion : NULL, now_ms);
}

/* ---- chat ---- */

/* What viewers did is written down while somebody's rules depend on it. */
static bool somebody_wants_first_messages(const struct room *room)
{
    for (const struct watcher *watcher = room->watchers; watcher; watcher = watcher->next) {
        if (watcher->profile && watcher->profile->wants_first_messages)
            return true;
    }
    return false;
}

static bool somebody_hears_donors(const struct room *room)
{
    for (const struct watcher *watcher = room->watchers; watcher; watcher = watcher->next) {
        if (watcher->profile && watcher->profile->hearing.chat_mode == CHAT_DONOR)
            return true;
    }
    return false;
}

static void write_down(struct room *room, const struct occasion *occasion, bool has_spoken)
{
    const struct viewer_memory viewer = {
        .username = room->name,
        .room_id = occasion->room_id,
        .viewer_id = occasion->viewer_id,
        .has_spoken = has_spoken,
        .diamonds = occasion->viewer_diamonds,
    };
    if (room->context.recorder && viewer.viewer_id != 0)
        recorder_add_viewer(room->context.recorder, &viewer);
}

static void send_first_message(struct room *room, const struct live_event *event,
                               const struct occasion *occasion, int64_t now_ms)
{
    char id[ROOM_ID_MAX];
    make_event_id(room, event, "-first", id);
    for (struct watcher *watcher = room->watchers; watcher; watcher = watcher->next) {
        struct event_envelope envelope = room_envelope(room, id);
        if (!reactor_react_to_first_message(room->context.reactor, room->context.scratch, watcher,
                                            occasion, event->msg_id, now_ms, &envelope))
            continue;
        event_json_first_message(&envelope, event, &room->json);
        room_send(room, watcher, id);
    }
}

static void take_chat(struct room *room, const struct live_event *event, int64_t now_ms)
{
    struct occasion occasion;
    if (!room->watchers || !occasion_of(room->context.arena, event, &occasion))
        return;
    chat_log_add(&room->chats, event);
    occasion.viewer_diamonds = crowd_gives(room->crowd, event->room_id, event->user.id, 0);
    if (crowd_speaks(room->crowd, event->room_id, event->user.id) &&
        somebody_wants_first_messages(room)) {
        write_down(room, &occasion, true);
        send_first_message(room, event, &occasion, now_ms);
    }
    send_event(room, event, &occasion, now_ms);
}

/* ---- deleted messages ---- */

static void take_delete(struct room *room, const struct live_event *event)
{
    char id[ROOM_ID_MAX];
    int64_t ids[DELETED_MAX];
    size_t count = chat_log_find(&room->chats, &event->delete, ids, DELETED_MAX);
    if (count == 0)
        return;
    make_event_id(room, event, "", id);
    for (struct watcher *watcher = room->watchers; watcher; watcher = watcher->next) {
        struct event_envelope envelope = room_envelope(room, id);
        event_json_delete(&envelope, ids, count, &room->json);
        room_send(room, watcher, id);
        reactor_take_back(room->context.reactor, watcher, ids, count);
    }
}

/* ---- gifts ---- */

/* A streak's events are named after the streak, not after TikTok's message, so that another replica
 * names them alike. The last one is so without its count: two replicas that saw different parts of
 * it, or one that gave up waiting for its end, would else end it twice. */
static void make_gift_id(struct room *room, const struct streak_step *step, char id[ROOM_ID_MAX])
{
    const struct live_event *event = step->gift;
    if (!event->gift.streakable)
        make_event_id(room, event, "", id);
    else if (step->final)
        (void)snprintf(id, ROOM_ID_MAX, "g%lld-%lld-%lld-final", (long long)event->user.id,
                       (long long)event->gift.gift_id, (long long)event->gift.group_id);
    else
        (void)snprintf(id, ROOM_ID_MAX, "g%lld-%lld-%lld-%lld", (long long)event->user.id,
                       (long long)event->gift.gift_id, (long long)event->gift.group_id,
                       (long long)step->count);
}

/* A streak is played for when it ends. */
void room_take_step(void *closure, const struct streak_step *step)
{
    struct room *room = closure;
    char id[ROOM_ID_MAX];
    make_gift_id(room, step, id);
    arena_reset(room->context.arena); /* many streaks may end at once */
    struct occasion occasion = {.count = 0};
    if (step->final && room->watchers) {
        occasion = occasion_of_gift(room->context.arena, step);
        occasion.viewer_diamonds =
            crowd_gives(room->crowd, step->gift->room_id, step->gift->user.id, step->diamonds);
        if (somebody_hears_donors(room))
            write_down(room, &occasion, false);
    }
    for (struct watcher *watcher = room->watchers; watcher; watcher = watcher->next) {
        struct event_envelope envelope = room_envelope(room, id);
        if (step->final)
            reactor_react(room->context.reactor, room->context.scratch, watcher, &occasion, 0,
                          clock_mono_ms(), &envelope);
        event_json_gift(&envelope, step, &room->json);
        room_send(room, watcher, id);
    }
}

int64_t room_active_ms(const struct room *room, int64_t now_ms)
{
    int64_t silent_ms = room->event_ms == 0 ? 0 : now_ms - room->event_ms;
    return room->active_ms + (silent_ms < SILENT_AFTER_MS ? silent_ms : SILENT_AFTER_MS);
}

/* ---- numbers ---- */

static void take_like(struct room *room, const struct live_event *event, int64_t now_ms)
{
    if (event->like.total > room->likes)
        room->likes = event->like.total;
    struct live_event like = *event;
    like.like.total = room->likes;
    take_other(room, &like, now_ms);
}

/* An event without lists: it outlives the message that it came in. */
static struct live_event keep_count(const struct live_event *event)
{
    struct live_event kept = *event;
    kept.user = (struct live_user){.nickname = "", .display_id = "", .sec_uid = "", .avatar = ""};
    kept.display_key = "";
    kept.viewers.ranks = NULL;
    kept.viewers.rank_count = 0;
    return kept;
}

void room_tell_viewers(struct room *room, int64_t now_ms)
{
    if (!room->viewers_wait || now_ms - room->viewers_ms < VIEWERS_EVERY_MS)
        return;
    room->viewers_wait = false;
    room->viewers_ms = now_ms;
    send_event(room, &room->viewers, NULL, now_ms);
}

static void take_viewers(struct room *room, const struct live_event *event, int64_t now_ms)
{
    const struct live_viewers *last = &room->viewers.viewers;
    bool is_same = room->has_viewers && event->viewers.current == last->current &&
                   event->viewers.total == last->total;
    if (is_same)
        return;
    room->viewers = keep_count(event);
    room->has_viewers = true;
    room->viewers_wait = true;
    room_tell_viewers(room, now_ms);
}

/* The host went live anew. */
static void notice_live(struct room *room, const struct live_event *event)
{
    if (event->room_id == 0 || event->room_id == room->live_id)
        return;
    room->live_id = event->room_id;
    room->likes = 0;
    room->has_viewers = false;
    room->viewers_wait = false;
    room->viewers_ms = 0;
}

static void take_control(struct room *room, const struct live_event *event)
{
    if (event->control.kind == LIVE_CONTROL_PAUSE)
        room_take_state(room, "connected", "the live is paused", NULL);
    else if (event->control.kind == LIVE_CONTROL_RESUME)
        room_take_state(room, "connected", "the live goes on", NULL);
}

void room_take_event(struct room *room, const struct live_event *event, int64_t now_ms)
{
    notice_live(room, event);
    room->active_ms = room_active_ms(room, now_ms);
    room->event_ms = now_ms;
    switch (event->type) {
    case LIVE_CHAT:
        take_chat(room, event, now_ms);
        return;
    case LIVE_GIFT:
        streaks_add(room->streaks, event, room->active_ms);
        return;
    case LIVE_LIKE:
        take_like(room, event, now_ms);
        return;
    case LIVE_VIEWERS:
        take_viewers(room, event, now_ms);
        return;
    case LIVE_DELETE:
        take_delete(room, event);
        return;
    case LIVE_CONTROL:
        take_control(room, event);
        return;
    default:
        take_other(room, event, now_ms);
    }
}
