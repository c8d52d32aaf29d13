/* SPDX-License-Identifier: MIT */
#include "lib/base/address.h"

#include <netdb.h>
#include <stdio.h>

bool address_parse(const char *host, unsigned port, struct address *ret_address)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    char service[8];
    struct addrinfo *found;
    snprintf(service, sizeof(service), "%u", port);
    if (getaddrinfo(host, service, &hints, &found) != 0)
        return false;
    *ret_address = (struct address){.size = found->ai_addrlen};
    memcpy(&ret_address->socket, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}
