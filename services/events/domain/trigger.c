/* SPDX-License-Identifier: MIT */
#include "services/events/domain/trigger.h"

#include "lib/base/text.h"
#include "services/events/domain/folded.h"
#include "services/events/domain/occasion.h"

static const char *const event_names[TRIGGER_EVENTS] = {
#define TRIGGER_EVENT_ROW(name, text) [TRIGGER_##name] = text,
    TRIGGER_EVENT_TABLE(TRIGGER_EVENT_ROW)
#undef TRIGGER_EVENT_ROW
};

static const char *const condition_names[TRIGGER_CONDITIONS] = {
#define TRIGGER_CONDITION_ROW(name, text) [TRIGGER_IF_##name] = text,
    TRIGGER_CONDITION_TABLE(TRIGGER_CONDITION_ROW)
#undef TRIGGER_CONDITION_ROW
};

/* ---- names ---- */

const char *trigger_event_name(enum trigger_event event)
{
    return event_names[event];
}

const char *trigger_condition_name(enum trigger_condition condition)
{
    return condition_names[condition];
}

/* The place of name; count when it is not there. */
static size_t find(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && !text_equal(names[i], name))
        i++;
    return i;
}

bool trigger_event_parse(const char *name, enum trigger_event *ret_event)
{
    size_t at = find(event_names, TRIGGER_EVENTS, name);
    if (at < TRIGGER_EVENTS)
        *ret_event = (enum trigger_event)at;
    return at < TRIGGER_EVENTS;
}

bool trigger_condition_parse(const char *name, enum trigger_condition *ret_condition)
{
    size_t at =
        text_is_blank(name) ? TRIGGER_IF_ALWAYS : find(condition_names, TRIGGER_CONDITIONS, name);
    if (at < TRIGGER_CONDITIONS)
        *ret_condition = (enum trigger_condition)at;
    return at < TRIGGER_CONDITIONS;
}

const char *trigger_value(struct arena *arena, enum trigger_condition condition, const char *value)
{
    if (condition == TRIGGER_IF_ALWAYS || text_is_blank(value))
        return NULL;
    const char *fold =
        condition == TRIGGER_IF_USERNAME ? folded_name(arena, value) : folded(arena, value);
    return *fold == '\0' || text_equal(fold, "*") ? NULL : fold;
}

/* ---- matching ---- */

static bool is_gift_id(const char *value, int64_t gift_id)
{
    int64_t wanted;
    return text_parse_int(value, INT64_MIN, INT64_MAX, &wanted) && wanted == gift_id;
}

static bool holds(const struct trigger *trigger, const struct occasion *occasion)
{
    switch (trigger->condition) {
    case TRIGGER_IF_USERNAME:
        return text_equal(occasion->name_folded, trigger->value);
    case TRIGGER_IF_MESSAGE_CONTAINS:
        return strstr(occasion->message_folded, trigger->value) != NULL;
    case TRIGGER_IF_GIFT_ID:
        return is_gift_id(trigger->value, occasion->gift_id);
    case TRIGGER_IF_GIFT_NAME:
        return text_equal(occasion->gift_name_folded, trigger->value);
    default:
        return true;
    }
}

bool trigger_matches(const struct trigger *trigger, const struct occasion *occasion)
{
    if (!trigger->enabled || trigger->event != occasion->event)
        return false;
    if (occasion->event == TRIGGER_GIFT &&
        (occasion->count < trigger->combo_count || occasion->diamonds < trigger->min_diamonds))
        return false;
    return !trigger->value || holds(trigger, occasion);
}
