/* SPDX-License-Identifier: MIT */
/* Finds the route of a request. Paths are compared as they came, still percent-encoded; one slash
 * at the end makes no difference; a path without braces wins over one with. */
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/status.h"
#include "services/gateway/http/route.h"

struct router;

struct router *router_new(void);

/* Adds a route, which the caller keeps. */
void router_add(struct router *router, const struct route *route);

/* target is a path, or a path with a query. HEAD finds GET's route. STATUS_METHOD_NOT_ALLOWED when
 * the path is there under other methods only, else STATUS_NOT_FOUND. */
MUST_CHECK enum status router_find(const struct router *router, const char *method,
                                   const char *target, const struct route **ret_route);

/* Appends the methods that target may be asked by, like "GET, HEAD"; nothing for an unknown path.
 */
void router_methods(const struct router *router, const char *target, struct buffer *out);

/* Appends the parameters in target's path as a query string: "id=…&name=…". */
void router_parameters(const struct route *route, const char *target, struct buffer *out);

void router_free(struct router *router);
