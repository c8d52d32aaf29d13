/* SPDX-License-Identifier: MIT */
#include "gen/auth/api.h"
#include "lib/base/text.h"
#include "services/auth/handlers/binding.h"
#include "services/auth/handlers/caller.h"

enum status handle_upgrade_license(struct call *call, const struct upgrade_license_request *in,
                                   struct upgrade_reply *out)
{
    struct profile profile;
    enum status status = caller_find(call, &profile);
    if (status != STATUS_OK)
        return status;
    if (text_is_blank(in->license_key))
        return call_fail(call, STATUS_BAD_REQUEST, "license not found");

    struct bind_reply bound;
    status = key_bind(call, in->license_key, profile.user_id, false, &bound);
    if (status != STATUS_OK)
        return status;
    out->status = "ok";
    out->plan = bound.plan;
    out->license_expires_at = bound.expires_at;
    return STATUS_OK;
}
