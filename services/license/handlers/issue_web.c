/* SPDX-License-Identifier: MIT */
/* The key of a shop's order: an order gets one, however often, and however many times at once, it
 * is asked for. */
#include "gen/license/api.h"
#include "lib/base/text.h"
#include "services/license/handlers/requests.h"
#include "services/license/store/issue.h"
#include "services/license/web_plans.h"

static enum status read_order(struct call *call, const struct issue_web_request *in,
                              struct order *order)
{
    const struct license *license = call->app;
    enum status status = plan_resolve(call, in->plan, &order->plan);
    if (status != STATUS_OK)
        return status;
    if (!order->plan)
        return call_fail(call, STATUS_BAD_REQUEST, "invalid plan");
    if (!web_plans_allow(license->web_plans, order->plan))
        return call_fail(call, STATUS_FORBIDDEN, "plan not allowed");
    order->email = in->email;
    order->has_amount = in->has_amount;
    order->amount = in->amount;
    order->currency = in->currency;
    return term_resolve(call, in->has_ttl_days, in->ttl_days, &order->ttl_days);
}

/* What was sold stays sold, whatever may be sold now: an order that is there already is answered
 * before anything else about the request is looked at. */
static enum status replay(struct call *call, const char *order_id, struct license_key *ret_key)
{
    enum status status = orders_find(call, order_id, ret_key);
    if (status == STATUS_OK)
        call_add_header(call, "Idempotency-Replayed", "true");
    return status;
}

enum status handle_issue_web(struct call *call, const struct issue_web_request *in,
                             struct issue_reply *out)
{
    struct order order = {.order_id = text_trim(call->arena, in->order_id)};
    if (text_is_blank(order.order_id))
        return call_fail(call, STATUS_BAD_REQUEST, "order_id is required");

    struct license_key key;
    enum status status = replay(call, order.order_id, &key);
    if (status == STATUS_NOT_FOUND) {
        status = read_order(call, in, &order);
        if (status != STATUS_OK)
            return status;
        status = orders_issue(call, &order, key_fresh(call, NULL), &key);
        if (status == STATUS_NOT_FOUND) /* another made it meanwhile */
            status = replay(call, order.order_id, &key);
    }
    if (status == STATUS_OK)
        *out = issue_reply_of(&key);
    return status;
}
