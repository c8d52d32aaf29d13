/* SPDX-License-Identifier: MIT */
/* Finds links as people type them in a chat. */
#pragma once

#include <stddef.h>

/* Bytes of the link that text (size bytes of UTF-8) begins with, less the punctuation that ends the
 * sentence around it; 0 for none. Links are: anything with "://", what begins with "www.", a host
 * under a well-known top-level domain, and any host that a path follows. */
size_t spoken_link_size(const char *text, size_t size);
