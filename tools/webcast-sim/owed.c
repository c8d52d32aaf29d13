/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/owed.h"

#define FIRST_CAPACITY 64

static struct owed_frame *at(const struct owed *owed, size_t index)
{
    return &owed->frames[(owed->first + index) % owed->capacity];
}

static void grow(struct owed *owed)
{
    size_t capacity = owed->capacity ? 2 * owed->capacity : FIRST_CAPACITY;
    struct owed_frame *frames = calloc(capacity, sizeof(*frames));
    if (!frames)
        abort();
    for (size_t i = 0; i < owed->count; i++)
        frames[i] = *at(owed, i);
    free(owed->frames);
    owed->frames = frames;
    owed->capacity = capacity;
    owed->first = 0;
}

bool owed_add(struct owed *owed, const struct frame_head *head, const int64_t *numbers,
              size_t count)
{
    bool is_full = owed->count == OWED_MAX;
    if (is_full)
        owed_drop_first(owed);
    if (owed->count == owed->capacity)
        grow(owed);
    struct owed_frame *frame = at(owed, owed->count++);
    *frame = (struct owed_frame){.head = *head, .count = count};
    frame->numbers = calloc(count + 1, sizeof(*numbers));
    if (!frame->numbers)
        abort();
    memcpy(frame->numbers, numbers, count * sizeof(*numbers));
    return !is_full;
}

const struct owed_frame *owed_first(const struct owed *owed)
{
    return owed->count > 0 ? at(owed, 0) : NULL;
}

int owed_find(const struct owed *owed, uint64_t log_id)
{
    for (size_t i = 0; i < owed->count; i++) {
        if (at(owed, i)->head.log_id == log_id)
            return (int)i;
    }
    return -1;
}

void owed_drop_first(struct owed *owed)
{
    free(at(owed, 0)->numbers);
    owed->first = (owed->first + 1) % owed->capacity;
    owed->count--;
}

void owed_done(struct owed *owed)
{
    while (owed->count > 0)
        owed_drop_first(owed);
    free(owed->frames);
    *owed = (struct owed){0};
}
