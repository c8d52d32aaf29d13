/* SPDX-License-Identifier: MIT */
/* Addresses to listen on or to connect to, as settings name them. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>
#include <sys/socket.h>

struct address {
    struct sockaddr_storage socket;
    socklen_t size;
};

/* host is an IPv4 or IPv6 address in figures; nothing is looked up. */
MUST_CHECK bool address_parse(const char *host, unsigned port, struct address *ret_address);

static inline bool address_is_ipv6(const struct address *address)
{
    return address->socket.ss_family == AF_INET6;
}

static inline const struct sockaddr *address_of(const struct address *address)
{
    return (const struct sockaddr *)&address->socket;
}
