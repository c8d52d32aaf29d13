/* SPDX-License-Identifier: MIT */
#include "services/events/domain/live_event.h"

#include "lib/base/macros.h"

#include <assert.h>

const char *live_event_name(enum live_event_type type)
{
    static const char *const names[] = {
#define LIVE_EVENT_ROW(name, text) [LIVE_##name] = text,
        LIVE_EVENT_TABLE(LIVE_EVENT_ROW)
#undef LIVE_EVENT_ROW
    };
    assert(type < LIVE_EVENT_TYPES);
    return names[type];
}
