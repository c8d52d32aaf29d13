/* SPDX-License-Identifier: MIT */
#include "lib/pg/url.h"

#include "lib/base/text.h"

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
