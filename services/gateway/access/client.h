/* SPDX-License-Identifier: MIT */
/* Who the client is beside its user: its network address and its platform. */
#pragma once

#include "lib/base/buffer.h"

#include <netinet/in.h>
#include <stdbool.h>

#define CLIENT_ADDRESS_SIZE INET6_ADDRSTRLEN
#define CLIENT_PROXIES_MAX 32

/* Networks that are ours, IPv4 in its form mapped into IPv6. */
struct proxies {
    struct {
        struct in6_addr address;
        unsigned prefix;
    } networks[CLIENT_PROXIES_MAX];
    size_t count;
};

/* Reads "10.0.0.0/8, 127.0.0.1, ::1"; appends a line for each entry that is none, or too many. */
void proxies_parse(const char *list, struct proxies *ret_proxies, struct buffer *problems);

/* The client's address in its usual form: the peer, or, as long as that is a trusted proxy, whom it
 * names last in X-Forwarded-For (NULL: not sent; several headers are joined by commas). An entry
 * that is no address ends the walk: what stands left of it may be made up. */
void client_address(const struct proxies *proxies, const char *peer, const char *forwarded,
                    char ret_address[CLIENT_ADDRESS_SIZE]);

/* "mobile" or "desktop": the query's word over the header's; NULL for either: not sent. */
const char *client_platform(const char *query, const char *header);
