/* SPDX-License-Identifier: MIT */
/* Whom a request or a socket counts on. */
#pragma once

#include "services/gateway/access/limits.h"
#include "services/gateway/access/tokens.h"

/* The user of a good token, else the address. */
struct limits_key limits_client_key(const struct token_claims *claims, const char *address);
