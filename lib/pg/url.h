/* SPDX-License-Identifier: MIT */
/* Addresses of databases. SQLAlchemy, by which the old backend was set up, names a driver in the
 * scheme (postgresql+psycopg://, postgresql+asyncpg://), which libpq does not know. */
#pragma once

#include <stdbool.h>

/* The URL as libpq reads it, to be freed: without the driver, else as it is. */
char *pg_url_for_libpq(const char *url);

/* Whether it names a password, before the host or as a parameter. False for what is no URL. */
bool pg_url_has_password(const char *url);
