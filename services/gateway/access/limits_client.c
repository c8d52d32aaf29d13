/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/limits_client.h"

struct limits_key limits_client_key(const struct token_claims *claims, const char *address)
{
    return *claims->user_id.text ? limits_user_key(&claims->user_id) : limits_address_key(address);
}
