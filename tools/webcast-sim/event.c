/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/event.h"

#include "lib/base/text.h"

static const struct {
    const char *type;
    const char *method;
} kinds[EVENT_KIND_COUNT] = {
#define EVENT_ROW(name, type, method) {type, method},
    EVENT_TABLE(EVENT_ROW)
#undef EVENT_ROW
};

const char *event_type(enum event_kind kind)
{
    return kinds[kind].type;
}

const char *event_method(enum event_kind kind)
{
    return kinds[kind].method;
}

bool event_parse_type(const char *type, enum event_kind *ret_kind)
{
    for (int kind = 0; kind < EVENT_OTHER; kind++) {
        if (text_equal(kinds[kind].type, type)) {
            *ret_kind = (enum event_kind)kind;
            return true;
        }
    }
    return false;
}

enum event_kind event_kind_of_method(const char *method)
{
    for (int kind = 0; kind < EVENT_OTHER; kind++) {
        if (text_equal(kinds[kind].method, method))
            return (enum event_kind)kind;
    }
    return EVENT_OTHER;
}
