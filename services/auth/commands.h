/* SPDX-License-Identifier: MIT */
/* What an operator does to users: `ttb-auth grant NAME ROLE`, `ttb-auth ban NAME`, `ttb-auth unban
 * NAME`. Each is a struct daemon_command's run. */
#pragma once

int command_grant(const void *config, const char *const *arguments);

/* Ends the user's sessions, too: running daemons notice within a second. */
int command_ban(const void *config, const char *const *arguments);
int command_unban(const void *config, const char *const *arguments);
