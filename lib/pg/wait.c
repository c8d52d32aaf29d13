/* SPDX-License-Identifier: MIT */
#include "lib/pg/wait.h"

#include "lib/base/clock.h"

#include <errno.h>
#include <poll.h>

/* One step: some bytes are sent, or some came in. */
static bool make_progress(PGconn *connection, int64_t deadline_ms)
{
    int unsent = PQflush(connection);
    int64_t left_ms = deadline_ms - clock_mono_ms();
    if (unsent < 0 || left_ms <= 0)
        return false;

    struct pollfd wait = {.fd = PQsocket(connection), .events = POLLIN};
    if (unsent)
        wait.events |= POLLOUT;
    if (poll(&wait, 1, (int)left_ms) < 0)
        return errno == EINTR;
    if (wait.revents & ~POLLOUT)
        return PQconsumeInput(connection) == 1;
    return true;
}

bool pg_wait_result(PGconn *connection, int64_t deadline_ms, PGresult **ret_result)
{
    while (PQflush(connection) != 0 || PQisBusy(connection))
        if (!make_progress(connection, deadline_ms))
            return false;
    *ret_result = PQgetResult(connection);
    return true;
}

bool pg_has_hung_up(PGconn *connection)
{
    struct pollfd look = {.fd = PQsocket(connection), .events = POLLRDHUP};
    return poll(&look, 1, 0) != 0;
}
