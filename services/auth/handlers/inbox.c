/* SPDX-License-Identifier: MIT */
#include "services/auth/handlers/inbox.h"

#include "services/auth/store/entitlements.h"

static enum status keep_entitlement(struct call *call, const void *event)
{
    return entitlements_upsert(call, event);
}

const struct inbox_subscription auth_subscriptions[] = {
    {EVT_LICENSE_ENTITLEMENT, "auth-entitlements", &entitlement_message, keep_entitlement},
};
const size_t auth_subscriptions_count = ARRAY_LEN(auth_subscriptions);
