/* SPDX-License-Identifier: MIT */
#include "gen/license/api.h"
#include "services/license/domain/keys.h"
#include "services/license/store/keys.h"

enum status handle_check(struct call *call, const struct check_request *in, struct check_reply *out)
{
    struct license_key key;
    enum status status = keys_find(call, key_normalise(call->arena, in->key), &key);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_NOT_FOUND, "not found");
    if (status != STATUS_OK)
        return status;

    *out = (struct check_reply){
        .key = key.key,
        .status = key.status,
        .plan = key.plan,
        .issued_at = key.issued_at,
        .expires_at = key.expires_at,
        .user_id = key.user_id,
    };
    return STATUS_OK;
}
