/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/seen.h"

#include "lib/base/macros.h"

/* A plain search: 32 kB in a row are read in about a microsecond. */
bool seen_before(struct seen *seen, int64_t id)
{
    if (id == 0)
        return false;
    for (size_t i = 0; i < SEEN_MAX; i++) {
        if (seen->ids[i] == id)
            return true;
    }
    seen->ids[seen->next] = id;
    seen->next = (seen->next + 1) % SEEN_MAX;
    return false;
}
