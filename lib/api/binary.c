/* SPDX-License-Identifier: MIT */
#include "lib/api/message.h"

const struct message binary_message = {.name = "binary", .size = sizeof(struct binary)};
