/* SPDX-License-Identifier: MIT */
/* Who may ask the sign server next: lives that run already before those that are new, else in the
 * order of coming. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A place in the queue; zeroed, it is in none. */
struct turn {
    struct turn *next;
    bool is_urgent;
    bool waits;
};

struct turns {
    struct turn *first;
};

/* Takes a place, unless it has one, and returns how many stand before it. */
size_t turns_join(struct turns *turns, struct turn *turn, bool is_urgent);

/* Gives the place up. Does nothing without one. */
void turns_leave(struct turns *turns, struct turn *turn);
