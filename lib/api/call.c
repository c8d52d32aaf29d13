/* SPDX-License-Identifier: MIT */
#include "lib/api/call.h"

#include <assert.h>

enum status call_fail(struct call *call, enum status status, const char *text)
{
    call->error = text;
    return status;
}

enum status call_fail_retry(struct call *call, enum status status, const char *text,
                            unsigned retry_after_s)
{
    call->retry_after_s = retry_after_s;
    return call_fail(call, status, text);
}

void call_add_header(struct call *call, const char *name, const char *value)
{
    assert(call->header_count < ARRAY_LEN(call->headers));
    call->headers[call->header_count++] = (struct bus_header){name, value};
}

void call_announce(struct call *call)
{
    call->has_news = true;
}
