/* SPDX-License-Identifier: MIT */
/* What a client may say on its WebSocket: {"action":"ping"}, "connect_tiktok" with an optional
 * username, "disconnect_tiktok". Anything else is ignored. */
#pragma once

#include "lib/base/buffer.h"

#include <stdbool.h>

enum command_action { COMMAND_NONE, COMMAND_PING, COMMAND_CONNECT, COMMAND_DISCONNECT };

#define COMMAND_USERNAME_SIZE 129

struct command {
    enum command_action action;
    char username[COMMAND_USERNAME_SIZE]; /* "" for none */
};

/* A username that is no text, blank, or too long, is as none. */
struct command command_parse(struct slice json);
