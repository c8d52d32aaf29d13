/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/turns.h"

static bool goes_before(const struct turn *a, const struct turn *b)
{
    return a->is_urgent != b->is_urgent ? a->is_urgent : a->since_ms < b->since_ms;
}

void turns_join(struct turns *turns, struct turn *turn)
{
    struct turn **link = &turns->first;
    while (*link && !goes_before(turn, *link))
        link = &(*link)->next;
    turn->next = *link;
    *link = turn;
    turns->count++;
}

void turns_leave(struct turns *turns, const struct turn *turn)
{
    struct turn **link = &turns->first;
    while (*link && *link != turn)
        link = &(*link)->next;
    if (!*link)
        return;
    *link = turn->next;
    turns->count--;
}
