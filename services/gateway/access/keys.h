/* SPDX-License-Identifier: MIT */
/* Keys that a caller shows in a header. Only digests are kept and compared, so neither the content
 * nor the length of a key shows in the time that a refusal takes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define KEY_DIGEST_SIZE 32

struct key {
    bool is_set;
    uint8_t digest[KEY_DIGEST_SIZE];
};

/* An empty text is an unset key. */
void key_init(struct key *key, const char *text);

/* Whether offered (NULL: none) is the key. An unset key fits nothing. */
bool key_fits(const struct key *key, const char *offered);
