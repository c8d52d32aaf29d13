/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/v1.h"

#include "lib/base/text.h"
#include "lib/base/uuid.h"

#include <nettle/sha2.h>

static const char *const demo_keys[] = {"demo", "TTBOOST-TEST-2024", "TTBOOST-PRO-2024"};

const char *v1_demo_key_find(struct arena *arena, const char *text)
{
    const char *key = text_trim(arena, text);
    for (size_t i = 0; i < ARRAY_LEN(demo_keys); i++) {
        if (text_equal_fold(key, demo_keys[i]))
            return demo_keys[i];
    }
    return NULL;
}

const char *v1_token_hash(struct arena *arena, const char *text)
{
    struct uuid token;
    if (!uuid_parse(text, &token))
        return NULL;

    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, strlen(token.text), (const uint8_t *)token.text);
    sha256_digest(&context, sizeof(digest), digest);
    char *hash = arena_alloc(arena, 2 * sizeof(digest) + 1);
    text_hex(digest, sizeof(digest), hash);
    return hash;
}

const char *v1_socket_url(struct arena *arena, const char *server_host, bool is_production,
                          const char *token)
{
    const char *scheme_end = strstr(server_host, "://");
    bool has_tls = scheme_end && strncasecmp(server_host, "https:", strlen("https:")) == 0;
    const char *host = scheme_end ? scheme_end + strlen("://") : server_host;
    const char *scheme = is_production || has_tls ? "wss" : "ws";
    return arena_printf(arena, "%s://%.*s/ws/%s", scheme, (int)strcspn(host, "/?#"), host, token);
}
