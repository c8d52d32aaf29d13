/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/control_event.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"

static const char *text_of(const json_t *body, const char *key, const char *absent)
{
    const char *text = json_string_value(json_object_get(body, key));
    return text ? text : absent;
}

static int64_t int_of(const json_t *body, const char *key, int64_t absent)
{
    const json_t *value = json_object_get(body, key);
    return json_is_integer(value) ? json_integer_value(value) : absent;
}

/* Ids pass 2^53, so they may come as text. */
static int64_t id_of(const json_t *body, const char *key)
{
    const char *text = json_string_value(json_object_get(body, key));
    int64_t id = 0;
    if (!text || !text_parse_int(text, 1, INT64_MAX, &id))
        return int_of(body, key, 0);
    return id;
}

/* The open streak's group when the same person goes on with the same gift, else a new one. */
static int64_t group_of(const struct room *room, const struct event *event)
{
    const struct event *open = &room->open_gift;
    if (open->group_id && open->person.id == event->person.id && open->gift.id == event->gift.id)
        return open->group_id;
    int64_t now_ms = clock_wall_ms();
    return now_ms > open->group_id ? now_ms : open->group_id + 1;
}

static void read_gift(struct room *room, const json_t *body, struct event *event)
{
    event->gift = (struct gift){
        .id = id_of(body, "gift_id"),
        .name = text_of(body, "name", "Rose"),
        .diamonds = (int)int_of(body, "diamonds", 1),
        .type = (int)int_of(body, "gift_type", GIFT_STREAKABLE),
    };
    if (event->gift.id == 0)
        event->gift.id = 5655;
    event->repeat_count = (int)int_of(body, "count", 1);
    if (event->gift.type != GIFT_STREAKABLE)
        return;

    event->repeat_end = !json_is_true(json_object_get(body, "streak"));
    event->group_id = id_of(body, "group_id");
    if (event->group_id == 0)
        event->group_id = group_of(room, event);
    room->open_gift = *event;
    room->open_gift.gift.name = NULL; /* borrowed */
    if (event->repeat_end)
        room->open_gift.person.id = 0; /* closed: the next one gets a group of its own */
}

const char *control_event_read(struct room *room, const json_t *body, struct event *ret_event)
{
    struct event event = {0};
    const char *type = text_of(body, "type", "");
    if (!event_parse_type(type, &event.kind))
        return "no such type";
    const char *handle = text_of(body, "user", "guest");
    person_make_named(handle, text_of(body, "nickname", NULL), &event.person);
    event.text = text_of(body, "text", "");
    event.language = text_of(body, "language", "ru");
    event.count = (int)int_of(body, "count", 1);
    event.total = int_of(body, "total", event.count);
    event.total_ever = int_of(body, "total_ever", event.total);
    event.action = (int)int_of(body, "action", 3);
    event.target_id = id_of(body, "msg_id");
    if (event.kind == EVENT_GIFT)
        read_gift(room, body, &event);
    *ret_event = event;
    return NULL;
}
