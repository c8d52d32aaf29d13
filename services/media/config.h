/* SPDX-License-Identifier: MIT */
/* The media service's settings. */
#pragma once

#include "lib/daemon/daemon.h"

struct media_config {
    struct daemon_config daemon;
    struct service_config service;
#define SETTING CONFIG_MEMBER
#include "services/media/config.def"
#undef SETTING
};
