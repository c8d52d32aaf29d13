/* SPDX-License-Identifier: MIT */
/* Looks through all sounds once: files that belong to no row go (library.h says how they come
 * about), and drafts that nobody finished, and empty folders; rows whose file is gone are told, and
 * stay. What we have not written ourselves is left alone. It takes the memory of a few hundred
 * names, however many sounds there are; replicas may do it at once. */
#pragma once

#include "lib/api/call.h"

#include <stdint.h>

struct sweep_options {
    int root;                         /* the media root */
    struct call *call;                /* its arena is reset now and then */
    int64_t now_s;                    /* since 1970 */
    bool (*must_stop)(void *closure); /* asked now and then; may be NULL */
    void *closure;
};

struct swept {
    unsigned files;
    unsigned drafts;
    unsigned folders;
    unsigned missing; /* rows without a file */
};

/* Ends early when it must stop. STATUS_UNAVAILABLE and kin when the database is away: *swept counts
 * what was done until then. */
MUST_CHECK enum status sweep_sounds(const struct sweep_options *options, struct swept *swept);
