/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/notice.h"

#include "lib/base/clock.h"
#include "lib/base/json_writer.h"

/* The head of a frame that says when it was made. */
static void open_notice(struct json_writer *writer, struct buffer *out, const char *type)
{
    char now[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(clock_wall_ms(), now);
    json_init(writer, out);
    json_open(writer, '{');
    json_pair_text(writer, "type", type);
    json_pair_text(writer, "ts", now);
}

void notice_pong(struct buffer *out)
{
    struct json_writer writer;
    open_notice(&writer, out, "pong");
    json_close(&writer, '}');
}

void notice_disconnected(struct buffer *out, const char *message)
{
    struct json_writer writer;
    open_notice(&writer, out, "status");
    json_pair_bool(&writer, "connected", false);
    json_pair_text(&writer, "state", "disconnected");
    json_pair_text(&writer, "message", message);
    json_close(&writer, '}');
}

void notice_error(struct buffer *out, const char *message, const char *code)
{
    struct json_writer writer;
    open_notice(&writer, out, "error");
    json_pair_text(&writer, "message", message);
    json_pair_text(&writer, "code", code);
    json_close(&writer, '}');
}

void notice_gap(struct buffer *out, int64_t from, int64_t to)
{
    struct json_writer writer;
    json_init(&writer, out);
    json_open(&writer, '{');
    json_pair_text(&writer, "type", "gap");
    json_pair_int(&writer, "from", from);
    json_pair_int(&writer, "to", to);
    json_close(&writer, '}');
}
