/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/reporter.h"

#include "lib/base/log.h"

static const struct {
    const char *name;
    const char *message;
} states[] = {
    [WEBCAST_CONNECTING] = {"connecting", "connecting to the live"},
    [WEBCAST_CONNECTED] = {"connected", "connected to the live"},
    [WEBCAST_RECONNECTING] = {"reconnecting", "connecting to the live again"},
    [WEBCAST_OFFLINE] = {"offline", "not live at the moment"},
    [WEBCAST_ENDED] = {"ended", "the live is over"},
};

void reporter_init(struct reporter *reporter, const struct webcast_options *options,
                   const char *name)
{
    *reporter = (struct reporter){.options = options, .name = name};
}

void reporter_tell(struct reporter *reporter, enum webcast_state state, enum webcast_error error)
{
    if (reporter->has_told && reporter->state == state && reporter->error == error)
        return;
    reporter->has_told = true;
    reporter->state = state;
    reporter->error = error;
    log_info(NULL, "a live's state", LOG_TEXT("tiktok", reporter->name),
             LOG_TEXT("state", states[state].name), LOG_TEXT("error", webcast_error_name(error)));
    const struct webcast_options *options = reporter->options;
    const char *message = error ? webcast_error_message(error) : states[state].message;
    options->on_state(options->closure, reporter->name, state, error, message);
}

bool reporter_told_trying(const struct reporter *reporter)
{
    return reporter->state == WEBCAST_CONNECTING || reporter->state == WEBCAST_RECONNECTING;
}
