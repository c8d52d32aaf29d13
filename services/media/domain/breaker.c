/* SPDX-License-Identifier: MIT */
#include "services/media/domain/breaker.h"

static void turn_to(struct breaker *breaker, enum breaker_state state)
{
    breaker->state = state;
    breaker->turn++;
}

static void open_for(struct breaker *breaker, int64_t pause_ms, int64_t now_ms)
{
    breaker->pause_ms = pause_ms < BREAKER_PAUSE_MAX_MS ? pause_ms : BREAKER_PAUSE_MAX_MS;
    breaker->until_ms = now_ms + breaker->pause_ms;
    turn_to(breaker, BREAKER_OPEN);
}

static void shut(struct breaker *breaker)
{
    breaker->failures = 0;
    turn_to(breaker, BREAKER_CLOSED);
}

void breaker_init(struct breaker *breaker)
{
    *breaker = (struct breaker){.state = BREAKER_CLOSED};
}

bool breaker_is_passable(const struct breaker *breaker, int64_t now_ms)
{
    return breaker->state == BREAKER_CLOSED ||
           (breaker->state == BREAKER_OPEN && now_ms >= breaker->until_ms);
}

bool breaker_begin(struct breaker *breaker, int64_t now_ms, uint64_t *ret_ticket)
{
    if (!breaker_is_passable(breaker, now_ms))
        return false;
    if (breaker->state == BREAKER_OPEN)
        turn_to(breaker, BREAKER_HALF_OPEN);
    *ret_ticket = breaker->turn;
    return true;
}

static bool end_while_closed(struct breaker *breaker, bool is_good, int64_t now_ms)
{
    breaker->failures = is_good ? 0 : breaker->failures + 1;
    if (breaker->failures < BREAKER_FAILURES)
        return false;
    open_for(breaker, BREAKER_PAUSE_MS, now_ms);
    return true;
}

bool breaker_end(struct breaker *breaker, uint64_t ticket, bool is_good, int64_t now_ms)
{
    if (ticket != breaker->turn)
        return false;
    if (breaker->state == BREAKER_CLOSED)
        return end_while_closed(breaker, is_good, now_ms);
    if (is_good)
        shut(breaker);
    else
        open_for(breaker, 2 * breaker->pause_ms, now_ms);
    return true;
}
