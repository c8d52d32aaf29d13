/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/listening.h"

#include <dirent.h>
#include <netinet/in.h>
#include <stdlib.h>

AUTO_DEFINE(DIR *, closedir)

static in_port_t port_of(const struct sockaddr *address)
{
    return address->sa_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port
                                          : ((const struct sockaddr_in *)address)->sin_port;
}

static bool is_any(const struct address *address)
{
    if (address_is_ipv6(address))
        return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)&address->socket)->sin6_addr);
    return ((const struct sockaddr_in *)&address->socket)->sin_addr.s_addr == INADDR_ANY;
}

static bool is_same(const struct sockaddr *a, const struct sockaddr *b)
{
    if (a->sa_family != b->sa_family || port_of(a) != port_of(b))
        return false;
    if (a->sa_family == AF_INET6)
        return IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *)a)->sin6_addr,
                                  &((const struct sockaddr_in6 *)b)->sin6_addr);
    return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
           ((const struct sockaddr_in *)b)->sin_addr.s_addr;
}

bool listening_prepare(const char *host, unsigned port, struct lws_context_creation_info *info,
                       struct address *ret_address)
{
    if (!address_parse(host, port, ret_address))
        return false;
    info->port = (int)port;
    info->iface = is_any(ret_address) ? NULL : host;
    /* Without it an IPv4 address is looked for in vain. */
    if (!address_is_ipv6(ret_address))
        info->options |= LWS_SERVER_OPTION_DISABLE_IPV6;
    return true;
}

/* Where the descriptor listens; false when it is no socket that listens for TCP. */
static bool find_listener(int fd, struct address *ret_address)
{
    int listens = 0;
    socklen_t size = sizeof(listens);
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || !listens)
        return false;
    *ret_address = (struct address){.size = sizeof(ret_address->socket)};
    return getsockname(fd, (struct sockaddr *)&ret_address->socket, &ret_address->size) == 0 &&
           (ret_address->socket.ss_family == AF_INET || ret_address->socket.ss_family == AF_INET6);
}

bool listening_is_only_on(const struct address *address)
{
    AUTO(closedir) DIR *folder = opendir("/proc/self/fd");
    bool is_there = false;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct address listener;
        if (!find_listener((int)strtol(entry->d_name, NULL, 10), &listener) ||
            port_of(address_of(&listener)) != port_of(address_of(address)))
            continue;
        if (!is_same(address_of(&listener), address_of(address)))
            return false;
        is_there = true;
    }
    return is_there;
}
