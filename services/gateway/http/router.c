/* SPDX-License-Identifier: MIT */
#include "services/gateway/http/router.h"

#include "lib/base/text.h"

#include <ctype.h>

struct router {
    const struct route **routes;
    size_t count;
};

struct router *router_new(void)
{
    struct router *router = calloc(1, sizeof(*router));
    if (!router)
        abort();
    return router;
}

void router_add(struct router *router, const struct route *route)
{
    router->routes = reallocarray(router->routes, router->count + 1, sizeof(*router->routes));
    if (!router->routes)
        abort();
    router->routes[router->count++] = route;
}

/* The path of target without the slash at its end. */
static struct slice path_of(const char *target)
{
    size_t size = strcspn(target, "?");
    if (size > 1 && target[size - 1] == '/')
        size--;
    return (struct slice){target, size};
}

static bool has_parameters(const struct route *route)
{
    return strchr(route->path, '{') != NULL;
}

static size_t segment_size(const char *text, const char *end)
{
    const char *slash = memchr(text, '/', (size_t)(end - text));
    return (size_t)((slash ? slash : end) - text);
}

/* A segment may stand for a parameter unless it is empty or hides a slash or a NUL. */
static bool is_value(const char *segment, size_t size)
{
    for (size_t i = 0; i + 2 < size; i++) {
        if (segment[i] == '%' &&
            (strncasecmp(segment + i, "%2f", 3) == 0 || strncmp(segment + i, "%00", 3) == 0))
            return false;
    }
    return size > 0;
}

typedef void (*parameter_fn)(void *closure, const char *name, size_t name_size, const char *value,
                             size_t value_size);

/* Whether path fits the pattern; calls each (may be NULL) for the parameters on the way. */
static bool walk(const char *pattern, struct slice path, parameter_fn each, void *closure)
{
    const char *text = path.data;
    const char *end = text + path.size;
    const char *pattern_end = pattern + strlen(pattern);
    while (*pattern == '/' && text < end && *text == '/') {
        size_t want = segment_size(++pattern, pattern_end);
        size_t have = segment_size(++text, end);
        bool parameter = *pattern == '{';
        if (parameter ? !is_value(text, have) : want != have || memcmp(pattern, text, want) != 0)
            return false;
        if (parameter && each)
            each(closure, pattern + 1, want - 2, text, have);
        pattern += want;
        text += have;
    }
    return *pattern == '\0' && text == end;
}

static bool fits(const struct route *route, struct slice path)
{
    if (has_parameters(route))
        return walk(route->path, path, NULL, NULL);
    return strlen(route->path) == path.size && memcmp(route->path, path.data, path.size) == 0;
}

enum status router_find(const struct router *router, const char *method, const char *target,
                        const struct route **ret_route)
{
    struct slice path = path_of(target);
    const struct route *found = NULL;
    bool known = false;
    if (text_equal(method, "HEAD"))
        method = "GET";
    for (size_t i = 0; i < router->count; i++) {
        const struct route *route = router->routes[i];
        if (!fits(route, path))
            continue;
        known = true;
        if (text_equal(route->method, method) && (!found || !has_parameters(route)))
            found = route;
    }
    if (!found)
        return known ? STATUS_METHOD_NOT_ALLOWED : STATUS_NOT_FOUND;
    *ret_route = found;
    return STATUS_OK;
}

void router_methods(const struct router *router, const char *target, struct buffer *out)
{
    struct slice path = path_of(target);
    size_t before = out->size;
    for (size_t i = 0; i < router->count; i++) {
        const struct route *route = router->routes[i];
        if (!fits(route, path))
            continue;
        buffer_printf(out, "%s%s%s", out->size > before ? ", " : "", route->method,
                      text_equal(route->method, "GET") ? ", HEAD" : "");
    }
}

/* A path may hold characters that mean something in a query; what is encoded stays so. */
static void append_parameter(void *closure, const char *name, size_t name_size, const char *value,
                             size_t value_size)
{
    struct buffer *out = closure;
    buffer_printf(out, "%s%.*s=", out->size > 0 ? "&" : "", (int)name_size, name);
    for (size_t i = 0; i < value_size; i++) {
        if (value[i] == '%' && i + 2 < value_size && isxdigit((unsigned char)value[i + 1]) &&
            isxdigit((unsigned char)value[i + 2]))
            buffer_add_char(out, '%');
        else
            text_percent_encode(out, (const char[]){value[i], '\0'});
    }
}

void router_parameters(const struct route *route, const char *target, struct buffer *out)
{
    walk(route->path, path_of(target), append_parameter, out);
}

void router_free(struct router *router)
{
    if (!router)
        return;
    free(router->routes);
    free(router);
}
