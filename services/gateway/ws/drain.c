/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/drain.h"

#include "lib/base/clock.h"
#include "services/gateway/ws/socket.h"

#define STEP_US (10 * LWS_US_PER_MS)
#define CLOSE_WAIT_MS 2000 /* for clients to answer that they have closed */

static int64_t min_ms(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How many sockets are to be told by now: the first at once. */
static unsigned due(const struct drain *drain, int64_t now_ms)
{
    int64_t passed_ms = now_ms - drain->from_ms;
    int64_t whole_ms = drain->until_ms - drain->from_ms;
    return passed_ms < whole_ms ? 1 + (unsigned)(drain->count * passed_ms / whole_ms) : UINT_MAX;
}

/* The list changes only when the library runs: a socket that is told to close stays on it until its
 * client has answered. */
static void on_step(lws_sorted_usec_list_t *step)
{
    struct ws *ws = lws_container_of(step, struct ws, drain.step);
    struct drain *drain = &ws->drain;
    unsigned wanted = due(drain, clock_mono_ms());
    for (struct socket *socket = ws->sockets; socket && drain->told < wanted;
         socket = socket->next) {
        drain->told += !socket->close_code;
        socket_close(socket, SOCKET_CLOSE_GOING_AWAY);
    }
    if (wanted != UINT_MAX)
        lws_sul_schedule(ws->context, 0, &drain->step, on_step, STEP_US);
}

void drain_begin(struct ws *ws)
{
    struct drain *drain = &ws->drain;
    int64_t now_ms = clock_mono_ms();
    int64_t left_ms = drain->end_ms > now_ms ? drain->end_ms - now_ms : 0;
    ws->stopping = true;
    drain->from_ms = now_ms;
    drain->until_ms = now_ms + min_ms(ws->gateway->config->ws_drain_ms, left_ms / 2);
    drain->end_ms = min_ms(drain->end_ms, drain->until_ms + CLOSE_WAIT_MS);
    drain->count = ws->socket_count;
    on_step(&drain->step);
}

bool drain_is_over(const struct ws *ws)
{
    return ws->stopping && (ws->socket_count == 0 || clock_mono_ms() >= ws->drain.end_ms);
}
