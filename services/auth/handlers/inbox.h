/* SPDX-License-Identifier: MIT */
/* What other services tell that auth must act on. */
#pragma once

#include "lib/api/inbox.h"

extern const struct inbox_subscription auth_subscriptions[];
extern const size_t auth_subscriptions_count;
