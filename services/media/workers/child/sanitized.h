/* SPDX-License-Identifier: MIT */
/* SANITIZED is 1 in builds with a sanitizer, which need much address space and their reports on
 * stderr. */
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED
#include <sanitizer/common_interface_defs.h>
#include <unistd.h>
#else
#define SANITIZED 0
#endif

/* Sanitizers report to what is stderr now, whatever becomes of it. */
static inline void sanitizer_keep_stderr(void)
{
#if SANITIZED
    __sanitizer_set_report_fd((void *)(long)dup(STDERR_FILENO));
#endif
}
