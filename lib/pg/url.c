/* SPDX-License-Identifier: MIT */
#include "lib/pg/url.h"

#include "lib/base/text.h"

#include <libpq-fe.h>

char *pg_url_for_libpq(const char *url)
{
    char *made = strdup(url);
    if (!made)
        abort();
    char *rest = strstr(made, "://");
    char *driver = strchr(made, '+');
    bool is_ours = text_starts_with(made, "postgresql+") || text_starts_with(made, "postgres+");
    if (is_ours && rest && driver < rest)
        memmove(driver, rest, strlen(rest) + 1);
    return made;
}

bool pg_url_has_password(const char *url)
{
    AUTO(free) char *plain = pg_url_for_libpq(url);
    PQconninfoOption *options = PQconninfoParse(plain, NULL);
    bool has_password = false;
    for (const PQconninfoOption *option = options; option && option->keyword; option++)
        if (text_equal(option->keyword, "password") && option->val && *option->val)
            has_password = true;
    PQconninfoFree(options);
    return has_password;
}
