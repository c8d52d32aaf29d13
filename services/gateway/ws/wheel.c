/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/wheel.h"

#include "lib/base/macros.h"

#include <assert.h>
#include <stddef.h>

void wheel_init(struct wheel *wheel, int64_t now_ms)
{
    *wheel = (struct wheel){.now_step = now_ms / WHEEL_STEP_MS};
}

void wheel_cancel(struct wheel_timer *timer)
{
    if (!timer->link)
        return;
    *timer->link = timer->next;
    if (timer->next)
        timer->next->link = timer->link;
    timer->link = NULL;
}

static void put(struct wheel_timer **slot, struct wheel_timer *timer)
{
    timer->next = *slot;
    timer->link = slot;
    if (timer->next)
        timer->next->link = &timer->next;
    *slot = timer;
}

void wheel_set(struct wheel *wheel, struct wheel_timer *timer, int64_t delay_ms,
               void (*fire)(struct wheel_timer *timer))
{
    assert(delay_ms <= WHEEL_MAX_MS);
    /* One more, since the step that is under way may be nearly over. */
    int64_t steps = (delay_ms + WHEEL_STEP_MS - 1) / WHEEL_STEP_MS + 1;
    wheel_cancel(timer);
    timer->fire = fire;
    put(&wheel->slots[(wheel->now_step + steps) % WHEEL_SLOTS], timer);
}

/* The slot's timers are moved to a list of their own first: one that is set for a whole turn lands
 * in the same slot, and must wait. */
static void fire_slot(struct wheel_timer **slot)
{
    struct wheel_timer *due = *slot;
    *slot = NULL;
    if (due)
        due->link = &due;
    while (due) {
        struct wheel_timer *timer = due;
        wheel_cancel(timer);
        timer->fire(timer);
    }
}

void wheel_turn(struct wheel *wheel, int64_t now_ms)
{
    int64_t now_step = now_ms / WHEEL_STEP_MS;
    /* After a long pause every slot is due once. */
    if (now_step - wheel->now_step > WHEEL_SLOTS)
        wheel->now_step = now_step - WHEEL_SLOTS;
    while (wheel->now_step < now_step) {
        wheel->now_step++;
        fire_slot(&wheel->slots[wheel->now_step % WHEEL_SLOTS]);
    }
}
