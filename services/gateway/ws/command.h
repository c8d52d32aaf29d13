/* SPDX-License-Identifier: MIT */
/* What a client may say on its WebSocket: {"action":"ping"}, "connect_tiktok" with an optional
 * username, "disconnect_tiktok". Anything else is ignored. */
#pragma once

#include "lib/base/buffer.h"

#include <stdbool.h>

enum command_action { COMMAND_NONE, COMMAND_PING, COMMAND_CONNECT, COMMAND_DISCONNECT };

#define COMMAND_USERNAME_SIZE 1025 /* as much as over HTTP: people paste links */

struct command {
    enum command_action action;
    bool has_bad_username;                /* one that is no text, or too long */
    char username[COMMAND_USERNAME_SIZE]; /* "" for none, and for a bad one */
};

/* A username that is null or blank is as none. Whether it can be a name is not judged here. */
struct command command_parse(struct slice json);
