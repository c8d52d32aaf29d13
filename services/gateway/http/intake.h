/* SPDX-License-Identifier: MIT */
/* A request's body as it comes in: bounded by its route and by the memory for all bodies, and read
 * as a form where the route takes one. A body that is refused is read and dropped up to a bound, so
 * that its sender gets the refusal in peace and may keep the connection. */
#pragma once

#include "services/gateway/http/exchange.h"

/* Looks at the headers: a body that they call too large is refused. Returns whether the body, if
 * there is one, is to be read; else the refusal goes out at once, which closes the connection. */
bool intake_begin(struct exchange *exchange);

/* MHD_NO, which closes the connection, when too much of a refused body has come. */
enum MHD_Result intake_take(struct exchange *exchange, const char *data, size_t size);

/* After the last byte. */
void intake_end(struct exchange *exchange);
