/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/attempts.h"

#include <arpa/inet.h>

#define V6_NETWORK_BYTES 8
#define V4_IN_V6_OFFSET 12

bool attempts_are_delayed(int64_t failures, int64_t free_failures)
{
    return failures >= free_failures;
}

static int64_t delay_s(int64_t failures, int64_t free_failures)
{
    if (!attempts_are_delayed(failures, free_failures))
        return 0;
    int64_t delay = 1;
    for (int64_t i = free_failures; i < failures && delay < ATTEMPTS_DELAY_MAX_S; i++)
        delay *= 2;
    return delay < ATTEMPTS_DELAY_MAX_S ? delay : ATTEMPTS_DELAY_MAX_S;
}

int64_t attempts_wait_ms(int64_t failures, int64_t free_failures, int64_t elapsed_ms)
{
    int64_t wait_ms = delay_s(failures, free_failures) * 1000 - elapsed_ms;
    return wait_ms > 0 ? wait_ms : 0;
}

const char *attempts_network(struct arena *arena, const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (!address)
        return NULL;
    if (inet_pton(AF_INET, address, &v4) == 1)
        return arena_text(arena, address);
    if (inet_pton(AF_INET6, address, &v6) != 1)
        return NULL;

    char text[INET6_ADDRSTRLEN];
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        inet_ntop(AF_INET, v6.s6_addr + V4_IN_V6_OFFSET, text, sizeof(text));
        return arena_text(arena, text);
    }
    memset(v6.s6_addr + V6_NETWORK_BYTES, 0, sizeof(v6.s6_addr) - V6_NETWORK_BYTES);
    inet_ntop(AF_INET6, &v6, text, sizeof(text));
    return arena_printf(arena, "%s/64", text);
}
