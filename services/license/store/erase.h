/* SPDX-License-Identifier: MIT */
/* What goes when a user's account is gone. */
#pragma once

#include "lib/api/call.h"

struct erased {
    int64_t keys;      /* released: nobody's, and inactive unless revoked */
    int64_t emails;    /* of the orders of these keys */
    int64_t addresses; /* from which the user had redeemed them */
};

/* In the open transaction of call->db. */
MUST_CHECK enum status erase_user(struct call *call, const char *user_id,
                                  struct erased *ret_erased);
