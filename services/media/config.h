/* SPDX-License-Identifier: MIT */
/* The media service's settings. */
#pragma once

#include "lib/daemon/daemon.h"

struct media_config {
    struct daemon_config daemon;
#define SETTING CONFIG_MEMBER
#include "services/media/config.def"
#undef SETTING
};
