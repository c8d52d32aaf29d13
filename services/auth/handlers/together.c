/* SPDX-License-Identifier: MIT */
#include "services/auth/handlers/together.h"

#include "services/auth/auth.h"
#include "services/auth/hashing/lane.h"

#define WAIT_MS 16 /* about five hashes */

static unsigned wait_ms(const struct auth *auth)
{
    return hash_lane_is_busy(auth->hashing) ? WAIT_MS : 0;
}

enum status together_find_all(void *const *questions, size_t count, void *call)
{
    return attempts_find(call, (struct attempt_question *const *)questions, count);
}

enum status together_find(struct call *call, struct attempt_question *question)
{
    const struct auth *auth = call->app;
    return gather_run(auth->lookups, question, call, wait_ms(auth));
}

enum status together_open_all(void *const *openings, size_t count, void *call)
{
    return sessions_insert(call, (struct session_opening *const *)openings, count);
}

enum status together_open(struct call *call, struct session_opening *opening)
{
    const struct auth *auth = call->app;
    return gather_run(auth->openings, opening, call, wait_ms(auth));
}
