/* SPDX-License-Identifier: MIT */
/* The auth service's settings. */
#pragma once

#include "lib/daemon/daemon.h"

struct auth_config {
    struct daemon_config daemon;
    struct service_config service;
#define SETTING CONFIG_MEMBER
#include "services/auth/config.def"
#undef SETTING
};
