/* SPDX-License-Identifier: MIT */
/* Where a worker's program of this build is; the unit tests that need it are skipped where it has
 * not been built. Include it after cmocka.h. */
#pragma once

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "…/bin/ttb-audio" beside "…/unit/…", where this test is; empty when it is elsewhere. */
static inline void worker_program_find(const char *name, char out[static PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", out, PATH_MAX - 1);
    assert_true(size > 0);
    out[size] = '\0';
    char *unit = strstr(out, "/unit/");
    if (unit)
        snprintf(unit, PATH_MAX - (size_t)(unit - out), "/bin/%s", name);
    else
        out[0] = '\0';
}
