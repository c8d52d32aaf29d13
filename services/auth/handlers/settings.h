/* SPDX-License-Identifier: MIT */
/* Changing a user's settings within what the plan allows. */
#pragma once

#include "services/auth/store/profiles.h"

/* Makes the changes, all or none, and gives the settings as they are then. Texts must be in their
 * stored forms. 403 `tariff does not allow changing tiktok account`, `tariff tiktok account limit
 * reached`, `tariff does not allow this voice`. STATUS_NOT_FOUND when the user is gone. */
MUST_CHECK enum status settings_change(struct call *call, const struct profile *profile,
                                       const struct update_settings_request *changes,
                                       struct settings_reply *ret_settings);
