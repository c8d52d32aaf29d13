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

static void take_username(struct command *command, const json_t *value)
{
    const char *username = json_string_value(value);
    if (!value || json_is_null(value) || (username && text_is_blank(username)))
        return;
    command->has_bad_username = !username || strlen(username) >= sizeof(command->username);
    if (!command->has_bad_username)
        snprintf(command->username, sizeof(command->username), "%s", username);
}

struct command command_parse(struct slice json)
{
    struct command command = {.action = COMMAND_NONE};
    AUTO(json_decref) json_t *object = json_loadb(json.data, json.size, 0, NULL);
    const char *action = json_string_value(json_object_get(object, "action"));
    if (!action)
        return command;
    command.action = action_of(action);
    take_username(&command, json_object_get(object, "username"));
    return command;
}
