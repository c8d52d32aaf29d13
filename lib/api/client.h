/* SPDX-License-Identifier: MIT */
/* Calls another service's endpoint on behalf of the call in hand: the same request id, trace and
 * deadline go along. protogen makes a typed function over this for each endpoint:
 * license_bind(call, &in, &out). */
#pragma once

#include "lib/api/call.h"
#include "lib/api/message.h"

/* STATUS_UNAVAILABLE and STATUS_TIMEOUT when the service could not answer, STATUS_INTERNAL when it
 * refuses the form of the request, STATUS_TOO_LARGE for a request past 1 MiB or a reply in parts;
 * another failure is the service's own, with its `detail` in call->error. Results live in the
 * call's arena. */
MUST_CHECK enum status api_request(struct call *call, const char *subject,
                                   const struct message *request, const void *in,
                                   const struct message *reply, void *out);
