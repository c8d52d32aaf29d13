/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/client.h"

#include "lib/base/text.h"

#include <arpa/inet.h>

#define SEPARATORS ", \t"
#define MAPPED_BITS 96 /* of ::ffff:0:0, before an IPv4 address */

/* Reads an IPv4 or IPv6 address of size characters. */
static bool parse_address(const char *text, size_t size, struct in6_addr *ret_address)
{
    char plain[CLIENT_ADDRESS_SIZE];
    char mapped[CLIENT_ADDRESS_SIZE + sizeof("::ffff:")];
    if (size == 0 || size >= sizeof(plain))
        return false;
    snprintf(plain, sizeof(plain), "%.*s", (int)size, text);
    if (strchr(plain, ':'))
        return inet_pton(AF_INET6, plain, ret_address) == 1;
    snprintf(mapped, sizeof(mapped), "::ffff:%s", plain);
    return inet_pton(AF_INET6, mapped, ret_address) == 1;
}

static void format_address(const struct in6_addr *address, char out[CLIENT_ADDRESS_SIZE])
{
    bool mapped = IN6_IS_ADDR_V4MAPPED(address);
    inet_ntop(mapped ? AF_INET : AF_INET6,
              mapped ? &address->s6_addr[MAPPED_BITS / 8] : address->s6_addr, out,
              CLIENT_ADDRESS_SIZE);
}

static bool same_prefix(const struct in6_addr *a, const struct in6_addr *b, unsigned bits)
{
    unsigned rest = bits % 8;
    if (memcmp(a, b, bits / 8) != 0)
        return false;
    return rest == 0 || (a->s6_addr[bits / 8] ^ b->s6_addr[bits / 8]) >> (8 - rest) == 0;
}

static bool is_trusted(const struct proxies *proxies, const struct in6_addr *address)
{
    for (size_t i = 0; i < proxies->count; i++) {
        if (same_prefix(&proxies->networks[i].address, address, proxies->networks[i].prefix))
            return true;
    }
    return false;
}

/* "10.0.0.0/8": an address and how many of its bits count, all when nothing is said. */
static bool parse_network(const char *text, size_t size, struct in6_addr *ret_address,
                          unsigned *ret_prefix)
{
    const char *slash = memchr(text, '/', size);
    size_t address_size = slash ? (size_t)(slash - text) : size;
    if (!parse_address(text, address_size, ret_address))
        return false;
    unsigned skipped = memchr(text, ':', address_size) ? 0 : MAPPED_BITS;
    int64_t bits = 128 - skipped;
    char digits[8];
    if (slash) {
        snprintf(digits, sizeof(digits), "%.*s", (int)(size - address_size - 1), slash + 1);
        if (!text_parse_int(digits, 0, bits, &bits))
            return false;
    }
    *ret_prefix = skipped + (unsigned)bits;
    return true;
}

void proxies_parse(const char *list, struct proxies *ret_proxies, struct buffer *problems)
{
    ret_proxies->count = 0;
    while (*(list += strspn(list, SEPARATORS))) {
        size_t size = strcspn(list, SEPARATORS);
        size_t i = ret_proxies->count;
        if (i == CLIENT_PROXIES_MAX) {
            buffer_printf(problems, "TRUSTED_PROXIES: more than %d entries\n", CLIENT_PROXIES_MAX);
            return;
        }
        if (parse_network(list, size, &ret_proxies->networks[i].address,
                          &ret_proxies->networks[i].prefix))
            ret_proxies->count++;
        else
            buffer_printf(problems, "TRUSTED_PROXIES: '%.*s' is no address or network\n", (int)size,
                          list);
        list += size;
    }
}

/* Cuts the last entry off a list of *size characters. */
static struct slice last_entry(const char *list, size_t *size)
{
    size_t end = *size;
    while (end > 0 && strchr(SEPARATORS, list[end - 1]))
        end--;
    size_t start = end;
    while (start > 0 && !strchr(SEPARATORS, list[start - 1]))
        start--;
    *size = start;
    return (struct slice){list + start, end - start};
}

void client_address(const struct proxies *proxies, const char *peer, const char *forwarded,
                    char ret_address[CLIENT_ADDRESS_SIZE])
{
    struct in6_addr address = IN6ADDR_ANY_INIT;
    struct in6_addr claimed;
    if (!parse_address(peer, strlen(peer), &address)) {
        snprintf(ret_address, CLIENT_ADDRESS_SIZE, "::");
        return;
    }
    size_t left = forwarded ? strlen(forwarded) : 0;
    while (left > 0 && is_trusted(proxies, &address)) {
        struct slice entry = last_entry(forwarded, &left);
        if (!parse_address(entry.data, entry.size, &claimed))
            break;
        address = claimed;
    }
    format_address(&address, ret_address);
}

const char *client_platform(const char *query, const char *header)
{
    static const char *const desktop[] = {"desktop", "pc", "windows", "mac", "linux", "d"};
    const char *word = query && *query ? query : header;
    for (size_t i = 0; word && i < ARRAY_LEN(desktop); i++) {
        if (text_equal_fold(word, desktop[i]))
            return "desktop";
    }
    return "mobile";
}
