/* SPDX-License-Identifier: MIT */
/* The license service's settings. */
#pragma once

#include "lib/daemon/daemon.h"

struct license_config {
    struct daemon_config daemon;
    struct service_config service;
#define SETTING CONFIG_MEMBER
#include "services/license/config.def"
#undef SETTING
};
