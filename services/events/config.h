/* SPDX-License-Identifier: MIT */
/* The events service's settings. */
#pragma once

#include "lib/daemon/daemon.h"

struct events_config {
    struct daemon_config daemon;
    struct service_config service;
#define SETTING CONFIG_MEMBER
#include "services/events/config.def"
#undef SETTING
};
