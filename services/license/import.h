/* SPDX-License-Identifier: MIT */
/* `ttb-license import`: takes over license_keys and web_purchases of the old backend's database,
 * OLD_DATABASE_URL, and tells auth what the keys' owners may do. Run again, it adds what is new
 * there, and tells auth again; what is here stays as it is. */
#pragma once

/* A struct daemon_command's run. */
int import_run(const void *config, const char *const *arguments);

/* `import-look`: says what import would do, and takes nothing over. */
int import_run_look(const void *config, const char *const *arguments);
