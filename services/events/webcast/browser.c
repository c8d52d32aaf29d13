/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/browser.h"

#include "lib/base/text.h"
#include "lib/base/uuid.h"

#include <inttypes.h>

/* What a user agent contains, and what its browser then says of the machine. */
static const struct {
    const char *mark;
    const char *platform;
    const char *os;
} machines[] = {
    {"Windows", "Win32", "windows"},
    {"Macintosh", "MacIntel", "mac"},
    {"", "Linux x86_64", "linux"},
};

struct parameter {
    const char *key;
    const char *value;
};

static const struct parameter defaults[] = {
    {"aid", "1988"},
    {"app_name", "tiktok_web"},
    {"app_language", "en"},
    {"webcast_language", "en"},
    {"browser_language", "en-US"},
    {"browser_online", "true"},
    {"cookie_enabled", "true"},
    {"screen_width", "1920"},
    {"screen_height", "1080"},
    {"tz_name", "Europe/London"},
};

static const struct parameter api_defaults[] = {
    {"device_platform", "web_pc"},
    {"channel", "tiktok_web"},
    {"region", "US"},
    {"priority_region", "US"},
    {"user_is_login", "false"},
    {"is_fullscreen", "false"},
    {"is_page_visible", "true"},
    {"focus_state", "true"},
    {"history_len", "4"},
    {"from_page", ""},
    {"data_collection_enabled", "true"},
    {"msToken", ""},
};

static const struct parameter socket_defaults[] = {
    {"version_code", "180800"}, {"update_version_code", "2.0.0"},
    {"live_id", "12"},          {"device_platform", "web"},
    {"sup_ws_ds_opt", "1"},     {"ws_direct", "1"},
    {"compress", "gzip"},       {"resp_content_type", "protobuf"},
    {"did_rule", "3"},          {"identity", "audience"},
    {"client_enter", "1"},      {"history_comment_count", "6"},
    {"last_rtt", "150"},        {"heartbeat_duration", "10000"},
};

void browser_add(struct buffer *url, const char *key, const char *value)
{
    buffer_add_char(url, strchr(buffer_text(url), '?') ? '&' : '?');
    text_percent_encode(url, key);
    buffer_add_char(url, '=');
    text_percent_encode(url, value);
}

static void add_all(struct buffer *url, const struct parameter *parameters, size_t count)
{
    for (size_t i = 0; i < count; i++)
        browser_add(url, parameters[i].key, parameters[i].value);
}

/* "Mozilla/5.0 (…) …": a name and the rest, as JavaScript's navigator tells them. */
static void add_agent(struct buffer *url, const char *user_agent)
{
    char name[64] = "Mozilla";
    size_t name_length = strcspn(user_agent, "/");
    if (user_agent[name_length] && name_length < sizeof(name))
        (void)snprintf(name, sizeof(name), "%.*s", (int)name_length, user_agent);
    browser_add(url, "browser_name", name);
    browser_add(url, "browser_version",
                user_agent[name_length] ? user_agent + name_length + 1 : user_agent);
}

static size_t find_machine(const char *user_agent)
{
    size_t i = 0;
    while (!strstr(user_agent, machines[i].mark))
        i++;
    return i;
}

static void add_common(struct buffer *url, const char *user_agent)
{
    add_all(url, defaults, ARRAY_LEN(defaults));
    add_agent(url, user_agent);
    browser_add(url, "browser_platform", machines[find_machine(user_agent)].platform);
}

/* 19 random digits: a browser without a past. */
static void add_device_id(struct buffer *url)
{
    uint64_t chance;
    char id[24];
    random_bytes(&chance, sizeof(chance));
    snprintf(id, sizeof(id), "7%018" PRIu64, chance % 1000000000000000000u);
    browser_add(url, "device_id", id);
}

void browser_add_defaults(struct buffer *url, const char *user_agent)
{
    add_common(url, user_agent);
    browser_add(url, "os", machines[find_machine(user_agent)].os);
    add_all(url, api_defaults, ARRAY_LEN(api_defaults));
    add_device_id(url);
}

void browser_add_socket_defaults(struct buffer *url, const char *user_agent)
{
    add_common(url, user_agent);
    add_all(url, socket_defaults, ARRAY_LEN(socket_defaults));
}
