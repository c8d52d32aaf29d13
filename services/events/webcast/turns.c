/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/turns.h"

#include "lib/base/macros.h"

static void insert(struct turns *turns, struct turn *turn)
{
    struct turn **link = &turns->first;
    while (*link && ((*link)->is_urgent || !turn->is_urgent))
        link = &(*link)->next;
    turn->next = *link;
    *link = turn;
}

size_t turns_join(struct turns *turns, struct turn *turn, bool is_urgent)
{
    if (!turn->waits) {
        turn->waits = true;
        turn->is_urgent = is_urgent;
        insert(turns, turn);
    }
    size_t before = 0;
    for (const struct turn *other = turns->first; other != turn; other = other->next)
        before++;
    return before;
}

void turns_leave(struct turns *turns, struct turn *turn)
{
    if (!turn->waits)
        return;
    struct turn **link = &turns->first;
    while (*link != turn)
        link = &(*link)->next;
    *link = turn->next;
    turn->next = NULL;
    turn->waits = false;
}
