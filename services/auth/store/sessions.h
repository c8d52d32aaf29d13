/* SPDX-License-Identifier: MIT */
/* Sessions: one a sign-in, named by the token's sid. */
#pragma once

#include "lib/api/call.h"

/* Opens a session for the client that makes the call. */
MUST_CHECK enum status sessions_insert(struct call *call, const char *id, const char *user_id);
