/* SPDX-License-Identifier: MIT */
#include "services/events/domain/crowd.h"

#include "lib/base/recent.h"

#include <inttypes.h>
#include <stdio.h>

#define NOBODY INT64_C(0)

struct viewer {
    bool has_spoken;
    int64_t diamonds;
};

struct crowd {
    struct recent *viewers;
};

struct crowd *crowd_new(void)
{
    struct crowd *crowd = calloc(1, sizeof(*crowd));
    if (!crowd)
        abort();
    crowd->viewers = recent_new(sizeof(struct viewer), CROWD_MAX);
    return crowd;
}

static void make_key(int64_t room_id, int64_t viewer_id, char ret_key[RECENT_KEY_SIZE])
{
    (void)snprintf(ret_key, RECENT_KEY_SIZE, "%" PRId64 "/%" PRId64, room_id, viewer_id);
}

static struct viewer *get(struct crowd *crowd, int64_t room_id, int64_t viewer_id)
{
    char key[RECENT_KEY_SIZE];
    make_key(room_id, viewer_id, key);
    return recent_put(crowd->viewers, key);
}

void crowd_note(struct crowd *crowd, int64_t room_id, int64_t viewer_id, bool has_spoken,
                int64_t diamonds)
{
    if (viewer_id == NOBODY)
        return;
    struct viewer *viewer = get(crowd, room_id, viewer_id);
    viewer->has_spoken |= has_spoken;
    if (viewer->diamonds < diamonds)
        viewer->diamonds = diamonds;
}

bool crowd_speaks(struct crowd *crowd, int64_t room_id, int64_t viewer_id)
{
    if (viewer_id == NOBODY)
        return false;
    struct viewer *viewer = get(crowd, room_id, viewer_id);
    bool is_first = !viewer->has_spoken;
    viewer->has_spoken = true;
    return is_first;
}

int64_t crowd_gives(struct crowd *crowd, int64_t room_id, int64_t viewer_id, int64_t diamonds)
{
    if (viewer_id == NOBODY)
        return diamonds;
    if (diamonds == 0) {
        char key[RECENT_KEY_SIZE];
        make_key(room_id, viewer_id, key);
        const struct viewer *known = recent_find(crowd->viewers, key);
        return known ? known->diamonds : 0;
    }
    struct viewer *viewer = get(crowd, room_id, viewer_id);
    if (__builtin_add_overflow(viewer->diamonds, diamonds, &viewer->diamonds))
        viewer->diamonds = INT64_MAX;
    return viewer->diamonds;
}

void crowd_free(struct crowd *crowd)
{
    if (!crowd)
        return;
    recent_free(crowd->viewers);
    free(crowd);
}
