/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/target.h"

#include "lib/base/text.h"
#include "services/events/webcast/browser.h"

#include <inttypes.h>
#include <netdb.h>
#include <sys/socket.h>

AUTO_DEFINE(struct addrinfo *, freeaddrinfo)

/* Splits "wss://host:port/path". */
static bool parse_server(const char *url, struct arena *arena, struct target *ret_target)
{
    struct target target = {.tls = text_starts_with(url, "wss://")};
    if (!target.tls && !text_starts_with(url, "ws://"))
        return false;
    const char *host = strstr(url, "://") + 3;
    size_t host_length = strcspn(host, ":/?");
    if (host_length == 0 || strpbrk(url, " \r\n\t@#"))
        return false;
    target.host = arena_text_n(arena, host, host_length);

    const char *rest = host + host_length;
    target.port = target.tls ? 443 : 80;
    if (*rest == ':') {
        size_t digits = strcspn(++rest, "/?");
        int64_t port;
        if (!text_parse_int(arena_text_n(arena, rest, digits), 1, 65535, &port))
            return false;
        target.port = (int)port;
        rest += digits;
    }
    bool usual = target.port == (target.tls ? 443 : 80);
    target.authority = usual ? target.host : arena_printf(arena, "%s:%d", target.host, target.port);
    target.path = *rest == '/' ? rest : arena_printf(arena, "/%s", rest);
    *ret_target = target;
    return true;
}

bool target_make(const Webcast__ProtoMessageFetchResult *result, int64_t room_id,
                 const char *user_agent, struct arena *arena, struct target *ret_target)
{
    struct target target;
    if (!parse_server(result->push_server, arena, &target))
        return false;

    char id[24];
    snprintf(id, sizeof(id), "%" PRId64, room_id);
    AUTO_BUFFER(path, TARGET_URL_MAX_BYTES);
    buffer_add_text(&path, target.path);
    browser_add_socket_defaults(&path, user_agent);
    browser_add(&path, "room_id", id);
    browser_add(&path, "cursor", result->cursor);
    browser_add(
        &path, "internal_ext",
        arena_text_n(arena, (const char *)result->internal_ext.data, result->internal_ext.len));
    for (size_t i = 0; i < result->n_route_params; i++) {
        if (result->route_params[i]->value[0])
            browser_add(&path, result->route_params[i]->key, result->route_params[i]->value);
    }
    /* A second version_code, as the web player sends it. */
    buffer_add_text(&path, "&version_code=270000");
    if (path.overflowed)
        return false;
    target.path = arena_text(arena, buffer_text(&path));
    *ret_target = target;
    return true;
}

bool target_resolve(struct target *target, struct arena *arena)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    AUTO(freeaddrinfo) struct addrinfo *found = NULL;
    char address[NI_MAXHOST];
    if (getaddrinfo(target->host, NULL, &hints, &found) != 0)
        return false;
    if (getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof(address), NULL, 0,
                    NI_NUMERICHOST) != 0)
        return false;
    target->address = arena_text(arena, address);
    return true;
}

static bool entry_allows(const struct target *target, const char *entry)
{
    if (!text_starts_with(entry, "*."))
        return text_equal_fold(target->host, entry);
    size_t host_length = strlen(target->host), suffix_length = strlen(entry) - 1;
    return target->tls && host_length > suffix_length &&
           text_equal_fold(target->host + host_length - suffix_length, entry + 1);
}

bool target_is_allowed(const struct target *target, const char *hosts)
{
    char entry[256];
    while (*hosts) {
        hosts += strspn(hosts, ", ");
        size_t length = strcspn(hosts, ", ");
        if (length > 0 && length < sizeof(entry)) {
            memcpy(entry, hosts, length);
            entry[length] = '\0';
            if (entry_allows(target, entry))
                return true;
        }
        hosts += length;
    }
    return false;
}
