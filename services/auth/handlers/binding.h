/* SPDX-License-Identifier: MIT */
/* Binding a key to an account: the step that redeeming, upgrading and the old API's sign-in share.
 */
#pragma once

#include "gen/license/messages.h"
#include "lib/api/call.h"

/* Binds the key, and keeps the entitlement that comes of it. The license service's refusals are
 * 404 `license not found`, 403 `license not active` or `license expired`, 409 `license already
 * bound to another user`; an account that is new, made by this very call, is then taken back. 401
 * `user not found` when the account was deleted meanwhile; the key is then released. */
MUST_CHECK enum status key_bind(struct call *call, const char *license_key, const char *user_id,
                                bool is_new, struct bind_reply *ret_bound);
