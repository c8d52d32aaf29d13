/* SPDX-License-Identifier: MIT */
/* The catalogue of gifts, for whoever asks. */
#include "services/events/store/gifts.h"
#include "gen/events/api.h"
#include "lib/base/text.h"
#include "services/events/domain/gift_names.h"

#include <inttypes.h>

/* An id is text, as in events: TikTok's ids may pass 2^53. */
static struct gift_reply describe(struct call *call, const struct gift *gift)
{
    return (struct gift_reply){
        .gift_id = arena_printf(call->arena, "%" PRId64, gift->id),
        .name_en = gift->name,
        .name_ru = gift_names_russian(gift->name),
        .image = gift->image,
        .diamond_count = gift->diamond_count,
    };
}

enum status handle_list_gifts(struct call *call, const struct list_gifts_request *in,
                              struct gifts_reply *out)
{
    (void)in;
    struct gift *gifts = NULL;
    size_t count = 0;
    enum status status = gifts_list(call->db, call->arena, &gifts, &count);
    if (status != STATUS_OK)
        return status;
    struct gift_reply *items = ARENA_ARRAY(call->arena, struct gift_reply, count);
    for (size_t i = 0; i < count; i++)
        items[i] = describe(call, &gifts[i]);
    *out = (struct gifts_reply){.gifts = {items, count}, .total = (int64_t)count};
    return STATUS_OK;
}

enum status handle_get_gift(struct call *call, const struct get_gift_request *in,
                            struct gift_reply *out)
{
    int64_t id;
    struct gift gift;
    enum status status = STATUS_NOT_FOUND;
    if (text_parse_int(in->gift_id, 1, INT64_MAX, &id))
        status = gifts_find(call->db, call->arena, id, &gift);
    if (status == STATUS_NOT_FOUND)
        return call_fail(call, STATUS_NOT_FOUND, "Gift not found");
    if (status == STATUS_OK)
        *out = describe(call, &gift);
    return status;
}

enum status handle_v1_list_gifts(struct call *call, const struct v1_list_gifts_request *in,
                                 struct v1_gifts_reply *out)
{
    (void)in;
    return gifts_list_names(call->db, call->arena, &out->gifts);
}
