/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/command.h"

#include "lib/api/message.h"
#include "lib/base/text.h"

static enum command_action action_of(const char *word)
{
    if (text_equal(word, "ping"))
        return COMMAND_PING;
    if (text_equal(word, "connect_tiktok"))
        return COMMAND_CONNECT;
    if (text_equal(word, "disconnect_tiktok"))
        return COMMAND_DISCONNECT;
    return COMMAND_NONE;
}

struct command command_parse(struct slice json)
{
    struct command command = {COMMAND_NONE, ""};
    AUTO(json_decref) json_t *object = json_loadb(json.data, json.size, 0, NULL);
    const char *action = json_string_value(json_object_get(object, "action"));
    if (!action)
        return command;
    command.action = action_of(action);
    const char *username = json_string_value(json_object_get(object, "username"));
    if (!text_is_blank(username) && strlen(username) < sizeof(command.username))
        snprintf(command.username, sizeof(command.username), "%s", username);
    return command;
}
