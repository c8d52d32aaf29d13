/* SPDX-License-Identifier: MIT */
/* What systemd, or another supervisor with its protocol (sd_notify(3)), is told about us. */
#pragma once

/* Sends a line such as "READY=1" to the socket that NOTIFY_SOCKET names; nothing where there is
 * none. Best effort: a supervisor that can't be told finds out by its own time limits. */
void supervisor_tell(const char *line);
