/* SPDX-License-Identifier: MIT */
/* TikTok's list of gifts: of our own making but for the rose, with entries among them that no
 * client should take. */
#include "tools/webcast-sim/routes.h"

#include "lib/base/json_writer.h"

#include <inttypes.h>

static const struct gift gifts[] = {
    {5655, "Rose", 1, GIFT_STREAKABLE},
    {900001, "Paper Comet", 12, GIFT_STREAKABLE},
    {900002, "Clockwork Castle", 30000, GIFT_FREE},
    {900003, "Ёлка", 5, GIFT_STREAKABLE},
};

static const char odd_entries[] = "null,{\"id\":900004},{\"id\":900005,\"name\":\"No Price\"},"
                                  "{\"name\":\"No Id\",\"diamond_count\":1}";

static void write_gift(struct json_writer *json, struct arena *arena, const struct gift *gift)
{
    json_open(json, '{');
    json_pair_int(json, "id", gift->id);
    json_pair_text(json, "name", gift->name);
    json_pair_text(json, "describe", arena_printf(arena, "sent %s", gift->name));
    json_pair_int(json, "diamond_count", gift->diamonds);
    json_pair_int(json, "type", gift->type);
    json_pair_bool(json, "combo", gift->type == GIFT_STREAKABLE);
    json_key(json, "image");
    json_open(json, '{');
    json_key(json, "url_list");
    json_open(json, '[');
    json_put_text(
        json, arena_printf(arena, "https://p16-webcast.tiktokcdn.invalid/list/gift-%" PRId64 ".png",
                           gift->id));
    json_close(json, ']');
    json_close(json, '}');
    json_close(json, '}');
}

static void write_list(struct arena *arena, struct reply *reply)
{
    struct json_writer json;
    reply_text(reply, 200, "application/json", "");
    json_init(&json, reply->body);
    json_open(&json, '{');
    json_key(&json, "data");
    json_open(&json, '{');
    json_key(&json, "gifts");
    json_open(&json, '[');
    json_put_raw(&json, odd_entries, sizeof(odd_entries) - 1);
    for (size_t i = 0; i < ARRAY_LEN(gifts); i++)
        write_gift(&json, arena, &gifts[i]);
    json_close(&json, ']');
    json_close(&json, '}');
    json_pair_int(&json, "status_code", 0);
    json_close(&json, '}');
}

void page_gift_list(struct sim *sim, const struct request *request, struct reply *reply)
{
    enum gifts_mode mode = (enum gifts_mode)mode_take(NULL, &sim->gifts);
    sim->gift_calls[mode]++;
    const struct room *room = rooms_find(&sim->rooms, request_arg_id(request, "room_id"));
    switch (mode) {
    case GIFTS_REFUSED:
        reply_text(reply, 200, "application/json", "");
        return;
    case GIFTS_WAF:
        reply_text(reply, 403, "text/html", "<html><p id=\"_wafchallengeid\">Please wait...</p>");
        return;
    case GIFTS_OK:
    default:
        if (!room || request_arg_id(request, "aid") != 1988)
            reply_text(reply, 200, "application/json",
                       "{\"data\":{\"message\":\"params\"},\"status_code\":10011}");
        else
            write_list(request->arena, reply);
    }
}
