/* SPDX-License-Identifier: MIT */
/* Functions that this code base does without: each has a bounded or thread-safe peer in lib/base.
 * The system headers come first, since a poisoned name may not even be declared after this point.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Under _FORTIFY_SOURCE with clang this is a macro, which cannot be poisoned. */
#undef sprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol gmtime localtime
