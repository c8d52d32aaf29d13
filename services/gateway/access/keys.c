/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/keys.h"

#include "lib/base/text.h"

#include <nettle/sha2.h>

_Static_assert(KEY_DIGEST_SIZE == SHA256_DIGEST_SIZE, "a digest is SHA-256");

static void digest(const char *text, uint8_t out[KEY_DIGEST_SIZE])
{
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, strlen(text), (const uint8_t *)text);
    sha256_digest(&context, KEY_DIGEST_SIZE, out);
}

void key_init(struct key *key, const char *text)
{
    key->is_set = *text != '\0';
    digest(text, key->digest);
}

bool key_fits(const struct key *key, const char *offered)
{
    uint8_t theirs[KEY_DIGEST_SIZE];
    if (!key->is_set || !offered)
        return false;
    digest(offered, theirs);
    return text_equal_constant_time(key->digest, theirs, KEY_DIGEST_SIZE);
}
