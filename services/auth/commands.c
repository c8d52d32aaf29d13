/* SPDX-License-Identifier: MIT */
#include "services/auth/commands.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/daemon/database.h"
#include "services/auth/auth.h"
#include "services/auth/domain/username.h"
#include "services/auth/store/users.h"

#define ARENA_MAX_BYTES (1024 * 1024)

/* A command's work on the user of that name. */
typedef enum status (*command_fn)(struct call *call, const char *username, const void *closure);

static int explain(const struct pg *db, const char *name, enum status status)
{
    if (status == STATUS_NOT_FOUND)
        fprintf(stderr, "ttb-auth: there is no user %s\n", name);
    else
        fprintf(stderr, "ttb-auth: %s\n", pg_error(db));
    return EXIT_FAILURE;
}

static int run(const struct auth_config *config, const char *name, command_fn work,
               const void *closure)
{
    const struct pg_options database = database_options(&config->service, "auth", NULL);
    AUTO(pg_free) struct pg *db = pg_new(&database);
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_MAX_BYTES);
    const char *username = username_fold(arena, name);
    if (!username)
        return explain(db, name, STATUS_NOT_FOUND);

    struct call call = {.arena = arena, .db = db, .now_ms = clock_wall_ms()};
    enum status status = work(&call, username, closure);
    if (status != STATUS_OK)
        return explain(db, username, status);
    return EXIT_SUCCESS;
}

static enum status grant(struct call *call, const char *username, const void *closure)
{
    const char *role = closure;
    enum status status = users_set_role(call, username, role);
    if (status == STATUS_OK)
        printf("%s has the role %s now\n", username, role);
    return status;
}

int command_grant(const void *config, const char *const *arguments)
{
    const char *role = arguments[1];
    if (!text_equal(role, "user") && !text_equal(role, "support") && !text_equal(role, "admin")) {
        fprintf(stderr, "ttb-auth: there is no role %s, only user, support and admin\n", role);
        return EXIT_FAILURE;
    }
    return run(config, arguments[0], grant, role);
}

static enum status ban(struct call *call, const char *username, const void *closure)
{
    const struct auth_config *config = closure;
    enum status status = users_ban(call, username, auth_token_ttl_s(config));
    if (status == STATUS_OK)
        printf("%s is banned\n", username);
    return status;
}

int command_ban(const void *config, const char *const *arguments)
{
    return run(config, arguments[0], ban, config);
}

static enum status unban(struct call *call, const char *username, const void *closure)
{
    (void)closure;
    enum status status = users_unban(call, username);
    if (status == STATUS_OK)
        printf("%s is not banned\n", username);
    return status;
}

int command_unban(const void *config, const char *const *arguments)
{
    return run(config, arguments[0], unban, NULL);
}
