/* SPDX-License-Identifier: MIT */
/* What license's handlers find in call->app. */
#pragma once

#include "lib/api/list.h"
#include "services/license/config.h"

struct license {
    const struct license_config *config;
    struct list web_plans; /* ids of the plans that the shop may sell; empty: all that are paid */
};
