/* SPDX-License-Identifier: MIT */
/* The gateway's settings; immutable after the start. */
#pragma once

#include "lib/daemon/daemon.h"

struct gateway_config {
    struct daemon_config daemon;
#define SETTING CONFIG_MEMBER
#include "services/gateway/config.def"
#undef SETTING
};
