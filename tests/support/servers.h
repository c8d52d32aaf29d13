/* SPDX-License-Identifier: MIT */
/* Addresses of the servers that tests/support/servers.py starts. A test without them fails. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static inline const char *server_url(const char *variable)
{
    const char *url = getenv(variable);
    if (!url)
        fail_msg("%s is not set: run the test by tests/support/servers.py -- <test>", variable);
    return url;
}

#define DATABASE_URL server_url("TTB_TEST_DATABASE_URL")
#define NATS_URL server_url("TTB_TEST_NATS_URL")
