/* SPDX-License-Identifier: MIT */
/* `ttb-auth import`: takes over users, user_settings and user_tiktok_accounts of the old backend's
 * database, OLD_DATABASE_URL. Ids, names, password hashes and settings are kept, so tokens and
 * passwords still work. Run again, it adds what is new there; what is here stays as it is. */
#pragma once

/* A struct daemon_command's run. */
int import_run(const void *config, const char *const *arguments);

/* `import-look`: says what import would do, and takes nothing over. */
int import_run_look(const void *config, const char *const *arguments);
