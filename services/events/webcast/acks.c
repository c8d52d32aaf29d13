/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/acks.h"

static size_t cost(const struct ack *ack)
{
    return sizeof(*ack) + ack->size;
}

void acks_init(struct acks *acks)
{
    *acks = (struct acks){.last = &acks->first};
}

void acks_add(struct acks *acks, const void *owner, int64_t position, struct slice frame)
{
    struct ack *ack = malloc(sizeof(*ack) + frame.size);
    if (!ack)
        abort();
    ack->next = NULL;
    ack->owner = owner;
    ack->position = position;
    ack->size = frame.size;
    memcpy(ack->frame, frame.data, frame.size);
    *acks->last = ack;
    acks->last = &ack->next;
    acks->bytes += cost(ack);
}

bool acks_are_waiting(const struct acks *acks)
{
    return acks->first != NULL;
}

static struct ack *take_first(struct acks *acks)
{
    struct ack *ack = acks->first;
    acks->first = ack->next;
    if (!acks->first)
        acks->last = &acks->first;
    acks->bytes -= cost(ack);
    return ack;
}

struct ack *acks_take(struct acks *acks, int64_t settled, bool *ret_early)
{
    while (acks->first && !acks->first->owner)
        free(take_first(acks));
    if (!acks->first)
        return NULL;
    bool is_early = acks->first->position > settled;
    if (is_early && acks->bytes <= ACKS_MAX_BYTES)
        return NULL;
    *ret_early = is_early;
    return take_first(acks);
}

void acks_drop(struct acks *acks, const void *owner)
{
    for (struct ack *ack = acks->first; ack; ack = ack->next) {
        if (ack->owner == owner)
            ack->owner = NULL;
    }
}

void acks_done(struct acks *acks)
{
    while (acks->first)
        free(take_first(acks));
}
